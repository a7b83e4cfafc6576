import type { DuckDBConnection } from '@duckdb/node-api';
import { open } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { columnNames } from '../source/column-names.ts';
import { parquetSql, type ParquetFile } from './connection.ts';

const MAGIC = 'PAR1';

/** What a column's cells can be read as. */
export type Kind = 'number' | 'decimal' | 'text' | 'time' | 'nanoseconds' | 'other';

export interface ParquetColumn {
  /** As it stands in the file. */
  readonly key: string;
  /** As it is called from here on. */
  readonly name: string;
  /** DuckDB's type, for errors. */
  readonly type: string;
  readonly kind: Kind;
}

/** @throws DataError file_empty, file_unreadable, column_missing, column_reserved */
export async function parquetColumns(
  connection: DuckDBConnection,
  source: ParquetFile,
): Promise<ParquetColumn[]> {
  await requireMagic(source);
  const keys = await topLevelNames(connection, source);
  const names = columnNames(keys, source.place);
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${parquetSql(source)}`);
  const types = described.getRowObjects().map((row) => String(row['column_type']));
  return keys.map((key, index) => {
    const type = types[index] ?? '';
    return { key, name: names[index] ?? key, type, kind: kindOf(type) };
  });
}

/** A file that was cut lacks its end, where everything stands that is known of it. */
async function requireMagic({ file, place }: ParquetFile): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new DataError('file_empty', `expected Parquet data at ${place}, got an empty file`);
    const read = async (position: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, position));
      return buffer.toString('latin1', 0, bytesRead);
    };
    const [first, last] = [await read(0), await read(size - MAGIC.length)];
    if (first !== MAGIC) throw unreadable(place, `that begins with ${MAGIC}`, first);
    if (last !== MAGIC) throw unreadable(place, `with its footer, which ends with ${MAGIC}`, last);
  } finally {
    await handle.close();
  }
}

function unreadable(place: string, expected: string, got: string): DataError {
  return new DataError(
    'file_unreadable',
    `expected whole Parquet data ${expected} at ${place}, got ${JSON.stringify(got)}`,
  );
}

/** The names as they are: DuckDB tells names that are the same but for case apart by a suffix. */
async function topLevelNames(connection: DuckDBConnection, { file }: ParquetFile): Promise<string[]> {
  const result = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0)::INTEGER AS children FROM parquet_schema('${file.replaceAll("'", "''")}')`,
  );
  const [root, ...elements] = result.getRowObjects();
  const names: string[] = [];
  // Depth first: a group's children follow it.
  let nested = 0;
  for (const { name, children } of root === undefined ? [] : elements) {
    if (nested === 0) names.push(String(name));
    else nested -= 1;
    nested += Number(children);
  }
  return names;
}

function kindOf(type: string): Kind {
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|"?NULL"?)$/u.test(type)) return 'number';
  if (/^DECIMAL\([\d,]+\)$/u.test(type)) return 'decimal';
  if (type === 'TIMESTAMP_NS') return 'nanoseconds';
  if (/^(?:DATE|TIMESTAMP(?:_S|_MS)?|TIMESTAMP WITH TIME ZONE)$/u.test(type)) return 'time';
  return type === 'VARCHAR' ? 'text' : 'other';
}
