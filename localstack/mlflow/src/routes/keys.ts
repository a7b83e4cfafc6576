import { posix } from 'node:path';
import { invalid } from '../errors.ts';
import type { Fields } from './fields.ts';

const KEY = /^[\p{L}\p{N}_\-. :/]+$/u;
const MAX_CHARACTERS = 250;
/** What file systems allow a name. */
const MAX_BYTES = 255;

/** The key of a metric, parameter or tag: it names a file, and must not lead out of its folder. @throws ApiError */
export function keyOf(fields: Fields): string {
  const key = fields.text('key');
  if (!KEY.test(key))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: expected letters, digits and _ - . space : / alone.`,
    );
  if (key.length > MAX_CHARACTERS)
    throw invalid(`'key' exceeds the maximum length of ${MAX_CHARACTERS} characters`);
  if (
    posix.normalize(key) !== key ||
    key.startsWith('/') ||
    key.endsWith('/') ||
    /^\.{1,2}(?:$|\/)/u.test(key)
  )
    throw invalid(`Invalid value "${key}" for parameter 'key' supplied: expected a path within its folder.`);
  if (key.split('/').some((name) => Buffer.byteLength(name) > MAX_BYTES))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: expected at most ${MAX_BYTES} bytes.`,
    );
  return key;
}

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** A missing value is an empty one. */
export function pairOf(fields: Fields): Pair {
  return { key: keyOf(fields), value: fields.optionalText('value') ?? '' };
}

/** The tags that something is created with. */
export function tagsOf(fields: Fields): Map<string, string> {
  return new Map(
    fields
      .list('tags')
      .map(pairOf)
      .map(({ key, value }) => [key, value]),
  );
}
