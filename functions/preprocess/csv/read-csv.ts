import type { DuckDBConnection } from '@duckdb/node-api';
import { open } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import type { CsvSource, LoadedCsv } from './source.ts';
import { inTimeOrder, repeatedRow, type SourceTable } from '../../shared/dataset/source-table.ts';
import { cellError, checkNumbers, lineOfRow, readColumns, SAMPLE_ROWS } from './cells.ts';
import { readHeader, type CsvHeader } from './header.ts';
import { scanRecords } from './records.ts';
import { findTimeColumn } from './time-column.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';

/** The beginning of the file that has to hold the header. */
const HEADER_BYTES = 1 << 20;

/**
 * Reads a CSV file: header required, cells may be quoted, delimiter , ; or tab. Every column but the time must be
 * numeric; empty cells, NA, NaN and null are missing.
 * @throws DataError naming line, column and value
 */
export async function readCsv(connection: DuckDBConnection, source: CsvSource): Promise<SourceTable> {
  const header = await headerOf(source);
  const rows = await checkRecords(source, header);
  const loaded = await load(connection, source, header);
  try {
    const found = await countRows(loaded);
    if (found !== rows)
      throw new DataError('file_unreadable', `expected ${rows} rows in ${source.place}, got ${found}`);
    return await toTable(loaded, rows);
  } finally {
    await connection.run(`DROP TABLE ${loaded.name}`);
  }
}

/** @throws DataError file_empty, file_unreadable, column_reserved */
export async function headerOf({ file, place }: Pick<CsvSource, 'file' | 'place'>): Promise<CsvHeader> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return readHeader(buffer.toString('utf8', 0, bytesRead), place);
  } finally {
    await handle.close();
  }
}

/** Counts the rows. @throws DataError file_header_only, row_ragged, file_unreadable, with the line */
async function checkRecords({ file, place }: CsvSource, header: CsvHeader): Promise<number> {
  const expected = header.names.length;
  let rows = 0;
  let problem: DataError | undefined;
  await scanRecords(file, header.delimiter, ({ line, fields, closed }) => {
    if (line <= header.line) return true;
    if (!closed)
      problem = new DataError(
        'file_unreadable',
        `expected quotes around whole fields in ${place}, line ${line}, got one that is not closed or has text after it`,
      );
    else if (fields !== expected)
      problem = new DataError(
        'row_ragged',
        `expected ${expected} fields as in the header in ${place}, line ${line}, got ${fields}`,
      );
    rows += 1;
    return problem === undefined;
  });
  if (problem !== undefined) throw problem;
  if (rows === 0)
    throw new DataError('file_header_only', `expected rows after the header in ${place}, got none`);
  return rows;
}

async function load(connection: DuckDBConnection, source: CsvSource, header: CsvHeader): Promise<LoadedCsv> {
  const name = 'source_rows';
  const columns = header.names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const options = [
    'auto_detect = false',
    'header = false',
    `skip = ${header.line}`,
    `delim = '${header.delimiter}'`,
    `quote = '"'`,
    `escape = '"'`,
    String.raw`new_line = '\n'`,
    `columns = {${columns}}`,
    'strict_mode = true',
    'null_padding = false',
  ];
  const file = source.file.replaceAll("'", "''");
  try {
    await connection.run(
      `CREATE TEMP TABLE ${name} AS SELECT * FROM read_csv('${file}', ${options.join(', ')})`,
    );
  } catch (cause) {
    const [reason] = String(cause instanceof Error ? cause.message : cause).split('\n', 1);
    throw new DataError('file_unreadable', `expected a CSV file at ${source.place}, got: ${reason}`, {
      cause,
    });
  }
  return { ...source, name, header, connection };
}

async function countRows({ connection, name }: LoadedCsv): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${name}`);
  return Number(counted.getRows()[0]?.[0] ?? 0);
}

async function toTable(loaded: LoadedCsv, rows: number): Promise<SourceTable> {
  const { names } = loaded.header;
  const sample = await loaded.connection.runAndReadAll(`SELECT * FROM ${loaded.name} LIMIT ${SAMPLE_ROWS}`);
  const time = findTimeColumn(loaded, sample.getColumns());
  const numeric = names.map((name, index) => ({ name, index })).filter(({ index }) => index !== time);
  await checkNumbers(loaded, numeric);
  const read = await readColumns(loaded, { rows, time, numeric: numeric.map(({ index }) => index) });
  const ts = await parseTimes(loaded, read.times, time);
  if (loaded.duplicates === 'error') await refuseRepeated(loaded, ts, time);
  return inTimeOrder(
    {
      indexColumn: names[time] ?? '',
      columns: numeric.map(({ name }) => name),
      ts,
      values: Object.fromEntries(
        numeric.map(({ name }, index) => [name, read.columns[index] ?? new Float64Array(rows)]),
      ),
    },
    loaded.duplicates,
  );
}

async function parseTimes(
  loaded: LoadedCsv,
  times: readonly (string | null)[],
  column: number,
): Promise<Float64Array> {
  const ts = new Float64Array(times.length);
  for (const [row, text] of times.entries()) {
    const parsed = parseTimestamp(text ?? '');
    if (parsed === undefined)
      throw await cellError(loaded, 'timestamp_invalid', {
        row,
        column,
        expected: 'a time like 2001-01-31T12:00:00Z or an epoch in s or ms',
      });
    ts[row] = parsed;
  }
  return ts;
}

async function refuseRepeated(loaded: LoadedCsv, ts: Float64Array, column: number): Promise<void> {
  const repeated = repeatedRow(ts);
  if (repeated === undefined) return;
  const line = await lineOfRow(loaded, repeated.first);
  throw await cellError(loaded, 'timestamp_invalid', {
    row: repeated.row,
    column,
    expected: `each time once (HANDLE_DUPLICATES=error; line ${line} has the same)`,
  });
}
