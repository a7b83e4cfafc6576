import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Columns, Roles, Series } from '@flts/model-runtime';
import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DataError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { DatasetMeta } from './meta.ts';

/** Column names of the processed Parquet beside the data's own. */
export const TIME_COLUMN = 'ts';
export const BLOCK_COLUMN = 'block';
export const actualColumn = (target: string): string => `${target}__actual`;

/** Columns that are model inputs: targets, past and known-future covariates. */
export function inputColumns(roles: Roles): string[] {
  return [...roles.targets, ...roles.past, ...roles.future];
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Reads processed Parquet objects, one after the other, as one Series (original units).
 * Missing truth is NaN. @throws DataError object_not_found, naming bucket/key
 */
export async function readSeries(
  storage: Storage,
  objects: readonly ObjectPlace[],
  roles: DatasetMeta['roles'],
): Promise<Series> {
  const parts: Series[] = [];
  for (const object of objects)
    parts.push(
      await withLocalCopy(storage, object, (connection, file) => readParquet(connection, file, roles)),
    );
  return concatenate(parts);
}

/**
 * Downloads an object to a temporary file, which is gone afterwards, and opens DuckDB beside it.
 * @throws DataError object_not_found, naming bucket/key
 */
export async function withLocalCopy<T>(
  storage: Storage,
  { bucket, key }: ObjectPlace,
  use: (connection: DuckDBConnection, file: string) => Promise<T>,
): Promise<T> {
  const stored = await storage.getStream(bucket, key);
  if (stored === undefined)
    throw new DataError('object_not_found', `expected an object at ${bucket}/${key}, got none`);
  const folder = await mkdtemp(join(tmpdir(), 'flts-read-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const file = join(folder, 'object.parquet');
    await pipeline(stored.stream, createWriteStream(file));
    const connection = await instance.connect();
    const result = await use(connection, file);
    connection.closeSync();
    return result;
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readParquet(
  connection: DuckDBConnection,
  file: string,
  roles: DatasetMeta['roles'],
): Promise<Series> {
  const inputs = inputColumns(roles);
  const actuals = roles.targets.map(actualColumn);
  const selected = [
    `epoch_ms(${quote(TIME_COLUMN)})::DOUBLE`,
    `${quote(BLOCK_COLUMN)}::DOUBLE`,
    ...[...inputs, ...actuals].map((name) => `coalesce(${quote(name)}, 'nan'::DOUBLE)::DOUBLE`),
  ];
  const result = await connection.runAndReadAll(
    `SELECT ${selected.join(', ')} FROM read_parquet('${file.replaceAll("'", "''")}') ORDER BY ${quote(TIME_COLUMN)}`,
  );
  const columns = result.getColumns().map((values) => Float64Array.from(values, Number));
  const rows = result.currentRowCount;
  const column = (index: number): Float64Array => columns[index] ?? new Float64Array(rows);
  const named = (names: readonly string[], from: number): Columns =>
    Object.fromEntries(names.map((name, index) => [name, column(from + index)]));
  return {
    ts: column(0),
    block: Int32Array.from(column(1)),
    columns: named(inputs, 2),
    actual: named(roles.targets, 2 + inputs.length),
  };
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Joins consecutive parts of one dataset; their columns are the same. */
function concatenate(parts: readonly Series[]): Series {
  const join64 = (arrays: readonly Float64Array[]): Float64Array => {
    const joined = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
    let offset = 0;
    for (const array of arrays) {
      joined.set(array, offset);
      offset += array.length;
    }
    return joined;
  };
  const joinColumns = (pick: (part: Series) => Columns): Columns => {
    const names = Object.keys(parts[0] === undefined ? {} : pick(parts[0]));
    return Object.fromEntries(
      names.map((name) => [name, join64(parts.map((part) => pick(part)[name] ?? new Float64Array()))]),
    );
  };
  return {
    ts: join64(parts.map((part) => part.ts)),
    block: Int32Array.from(join64(parts.map((part) => Float64Array.from(part.block)))),
    columns: joinColumns((part) => part.columns),
    actual: joinColumns((part) => part.actual),
  };
}
