import { DataError } from '../../shared/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A line's object. @throws DataError file_unreadable, with the line */
export function jsonObject(text: string, { place, number }: { place: string; number: number }): JsonObject {
  const value = parsed(text);
  if (isObject(value)) return value;
  const got = JSON.stringify(text.slice(0, 80));
  throw new DataError('file_unreadable', `expected a JSON object in ${place}, line ${number}, got ${got}`);
}

/** undefined where the object has no such key of its own. */
export function valueOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
