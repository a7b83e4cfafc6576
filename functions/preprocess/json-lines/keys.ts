import { stat } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { columnNames } from '../source/column-names.ts';
import { mostCells } from '../source/limits.ts';
import type { SourceFile } from '../source/source-file.ts';
import { jsonObject, type JsonObject } from './json-object.ts';
import { lineBlocks } from './lines.ts';

/** Rows that are looked at where the time column has to be found. */
const SAMPLE_ROWS = 20;
/** Characters of all keys together, as many as a CSV file's header may have. */
const MOST_KEY_LENGTH = 1 << 20;

export interface Keys {
  /** In the order in which they come first. */
  readonly keys: readonly string[];
  /** The columns' names, one a key. */
  readonly names: readonly string[];
  /** The first objects. */
  readonly sample: readonly JsonObject[];
}

/**
 * Goes through a whole file for its keys, which are its columns: any object may leave some of them out.
 * @throws DataError file_empty, file_unreadable with the line, object_too_large, and as columnNames
 */
export async function keysOf({ file, place }: Pick<SourceFile, 'file' | 'place'>): Promise<Keys> {
  const keys = new Set<string>();
  const sample: JsonObject[] = [];
  let [rows, keyLength] = [0, 0];
  const most = mostCells((await stat(file)).size);
  for await (const { lines } of lineBlocks(file)) {
    for (const { text, number } of lines) {
      const object = jsonObject(text, { place, number });
      if (sample.length < SAMPLE_ROWS) sample.push(object);
      rows += 1;
      for (const key of Object.keys(object)) {
        if (keys.has(key)) continue;
        keys.add(key);
        keyLength += key.length;
      }
      if (keyLength > MOST_KEY_LENGTH || rows * keys.size > most) throw tooMany(place, number, keys.size);
    }
  }
  if (rows === 0) throw new DataError('file_empty', `expected JSON lines in ${place}, got an empty file`);
  return { keys: [...keys], names: columnNames([...keys], place), sample };
}

function tooMany(place: string, line: number, keys: number): DataError {
  return new DataError(
    'object_too_large',
    `expected the same few keys in each object of ${place}, got ${keys} different ones up to line ${line}`,
  );
}
