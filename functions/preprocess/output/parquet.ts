import {
  DOUBLE,
  DuckDBInstance,
  DuckDBTableFunction,
  type DuckDBConnection,
  type DuckDBDataChunk,
} from '@duckdb/node-api';
import type { RowRange } from '@flts/model-runtime';
import { quote } from '../../shared/dataset/reader.ts';
import { PIECE_ROWS } from '../columns/column.ts';
import { fillDoubles } from './fill-chunk.ts';
import type { StoredColumn } from './stored-columns.ts';

/** Rows of one DuckDB data chunk; a piece holds a whole number of them. */
const CHUNK_ROWS = 2048;
const TABLE = 'stored_rows';
/** Beyond it the database uses its temporary folder. */
const MEMORY = '256MB';

export interface ParquetContent {
  readonly columns: readonly StoredColumn[];
  readonly range: RowRange;
  /** Key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Called with the rows that are written, again and again. */
  readonly onRows?: (rows: number) => void;
}

/**
 * Writes the rows of `range` as Parquet (zstd). The database asks for them chunk by chunk and holds one row group, whatever
 * the number of rows. Equal input gives equal bytes, with any number of threads: rows keep their order, and a row group ends
 * where it is full.
 */
export async function writeParquet(
  file: string,
  content: ParquetContent,
  { folder, threads = 1 }: { readonly folder: string; readonly threads?: number },
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: `${threads}`,
    memory_limit: MEMORY,
    temp_directory: folder,
  });
  try {
    const connection = await instance.connect();
    await copyRows(connection, file, content);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

async function copyRows(connection: DuckDBConnection, file: string, content: ParquetContent): Promise<void> {
  const { columns, metadata } = content;
  const failure: { cause?: unknown } = {};
  connection.registerTableFunction(tableOf(content, failure));
  const selected = columns.map((column, index) => `${sqlOf(column, `v${index}`)} AS ${quote(column.name)}`);
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${literal(value)}`);
  try {
    await connection.run(
      `COPY (SELECT ${selected.join(', ')} FROM ${TABLE}()) TO ${literal(file)} ` +
        `(FORMAT parquet, COMPRESSION zstd, KV_METADATA {${pairs.join(', ')}})`,
    );
  } catch (thrown) {
    throw failure.cause ?? thrown;
  }
}

/** The table function that hands the rows over; what fails in it is kept in `failure`, since the database passes on text alone. */
function tableOf(
  { columns, range, onRows }: ParquetContent,
  failure: { cause?: unknown },
): DuckDBTableFunction {
  const rooms = columns.map(() => new Float64Array(Math.min(PIECE_ROWS, range.end - range.start)));
  let piece: {
    readonly start: number;
    readonly end: number;
    readonly values: readonly Float64Array[];
  } = {
    start: range.start,
    end: range.start,
    values: [],
  };
  let next = range.start;
  const fill = (chunk: DuckDBDataChunk): void => {
    const rows = Math.min(CHUNK_ROWS, range.end - next);
    chunk.rowCount = rows;
    if (rows === 0) return;
    if (next === piece.end) {
      const [start, end] = [next, Math.min(next + PIECE_ROWS, range.end)];
      piece = {
        start,
        end,
        values: columns.map(({ values }, index) => values.read(start, end, rooms[index])),
      };
    }
    const from = next - piece.start;
    for (const [index, values] of piece.values.entries())
      fillDoubles(chunk, index, values.subarray(from, from + rows));
    next += rows;
    onRows?.(next - range.start);
  };
  return DuckDBTableFunction.create({
    name: TABLE,
    bindFunction: (info) => {
      for (const index of columns.keys()) info.addResultColumn(`v${index}`, DOUBLE);
    },
    initFunction: (info) => info.setMaxThreads(1),
    mainFunction: (info, chunk) => {
      try {
        fill(chunk);
      } catch (cause) {
        failure.cause = cause;
        info.setError('expected rows, got an error');
      }
    },
  });
}

function sqlOf(column: StoredColumn, value: string): string {
  switch (column.type) {
    case 'TIMESTAMP':
      return `epoch_ms(${value}::BIGINT)`;
    case 'BOOLEAN':
      return `${value}::BOOLEAN`;
    case 'VARCHAR':
      return `CASE ${value}::INTEGER ${column.texts.map((text, place) => `WHEN ${place} THEN ${literal(text)}`).join(' ')} END`;
    case 'INTEGER':
      return `${value}::INTEGER`;
    case 'DOUBLE':
      return value;
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
