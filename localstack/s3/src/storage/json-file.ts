import { readFile } from 'node:fs/promises';
import { S3ServerError } from '../errors.ts';

/**
 * Reads a JSON file of a known shape.
 * @throws S3ServerError OBJECT_UNREADABLE where it is something else; ENOENT where there is none.
 */
export async function readJsonFile<T>(path: string, isShape: (value: unknown) => value is T): Promise<T> {
  const text = await readFile(path, 'utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new S3ServerError(
      'OBJECT_UNREADABLE',
      `expected JSON in ${path}, got ${JSON.stringify(text.slice(0, 40))}`,
      cause,
    );
  }
  if (!isShape(parsed))
    throw new S3ServerError('OBJECT_UNREADABLE', `expected ${path} of this server, got another shape`);
  return parsed;
}

/** Whether it is an object with texts and numbers under these names. */
export function hasFields(
  value: unknown,
  texts: readonly string[],
  numbers: readonly string[] = [],
): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return (
    texts.every((name) => typeof fields[name] === 'string') &&
    numbers.every((name) => typeof fields[name] === 'number')
  );
}
