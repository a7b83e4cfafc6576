import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { RowRange } from '@flts/model-runtime';
import { quote } from '../../shared/dataset/reader.ts';
import { microseconds, type StoredColumn } from './stored-columns.ts';

/** Rows of one DuckDB data chunk. */
const CHUNK_ROWS = 2048;
const TYPES: Readonly<Record<StoredColumn['type'], DuckDBType>> = {
  TIMESTAMP: BIGINT,
  INTEGER,
  BOOLEAN,
  VARCHAR,
  DOUBLE,
};

/**
 * Writes the rows of `range` as Parquet (zstd), with `metadata` as key-value metadata. Equal input gives equal
 * bytes: the connection's database has one thread.
 */
export async function writeParquet(
  connection: DuckDBConnection,
  file: string,
  columns: readonly StoredColumn[],
  { range, metadata }: { range: RowRange; metadata: Readonly<Record<string, string>> },
): Promise<void> {
  const table = 'stored_rows';
  const definitions = columns.map(({ type }, index) => `v${index} ${TYPES[type].toString()}`).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (${definitions})`);
  const appender = await connection.createAppender(table);
  for (let start = range.start; start < range.end; start += CHUNK_ROWS)
    appender.appendDataChunk(chunkOf(columns, { start, end: Math.min(start + CHUNK_ROWS, range.end) }));
  appender.closeSync();
  const selected = columns.map(({ name, type }, index) =>
    type === 'TIMESTAMP' ? `make_timestamp(v${index}) AS ${quote(name)}` : `v${index} AS ${quote(name)}`,
  );
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${literal(value)}`);
  await connection.run(
    `COPY (SELECT ${selected.join(', ')} FROM ${table} ORDER BY rowid) TO ${literal(file)} ` +
      `(FORMAT parquet, COMPRESSION zstd, KV_METADATA {${pairs.join(', ')}})`,
  );
  await connection.run(`DROP TABLE ${table}`);
}

function chunkOf(columns: readonly StoredColumn[], range: RowRange): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    columns.map(({ type }) => TYPES[type]),
    range.end - range.start,
  );
  for (const [index, column] of columns.entries()) chunk.setColumnValues(index, valuesOf(column, range));
  return chunk;
}

function valuesOf({ type, values }: StoredColumn, { start, end }: RowRange): DuckDBValue[] {
  if (type === 'VARCHAR') return values.slice(start, end);
  const rows: DuckDBValue[] = [];
  for (let row = start; row < end; row += 1) {
    const value = values[row] ?? NaN;
    if (type === 'TIMESTAMP') rows.push(microseconds(value));
    else if (type === 'BOOLEAN') rows.push(value === 1);
    else rows.push(Number.isNaN(value) ? null : value);
  }
  return rows;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
