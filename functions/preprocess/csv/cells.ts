import { DataError, type ErrorCode } from '../../shared/errors.ts';
import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import type { LoadedCsv } from './source.ts';
import { scanRecords } from './records.ts';

/** Rows that are looked at where the time column has to be found. */
export const SAMPLE_ROWS = 20;

/** How a missing cell is written, in lower case. */
const MISSING = ['', 'na', 'nan', 'null'];

const number = (column: number): string => `TRY_CAST(c${column} AS DOUBLE)`;
/** DuckDB takes 1_000 and +-1 for numbers; we do not. */
const finite = (column: number): string =>
  `(coalesce(abs(${number(column)}) <= ${LARGEST_NUMBER}, false) AND NOT contains(c${column}, '_') AND NOT contains(c${column}, '+-'))`;
const missing = (column: number): string =>
  `(c${column} IS NULL OR lower(trim(c${column}, ' \t')) IN (${MISSING.map((word) => `'${word}'`).join(', ')}))`;

/** @throws DataError column_not_numeric for the first line that has a cell which is neither a number nor missing */
export async function checkNumbers(loaded: LoadedCsv, columns: readonly { index: number }[]): Promise<void> {
  const firsts = columns.map(
    ({ index }) =>
      // Trimming is slow, and few cells need it.
      `min(rowid) FILTER (WHERE CASE WHEN ${finite(index)} THEN false ELSE NOT ${missing(index)} END)::INTEGER`,
  );
  const found = await loaded.connection.runAndReadAll(`SELECT ${firsts.join(', ')} FROM ${loaded.name}`);
  const bad = columns
    .map(({ index }, position) => ({ column: index, row: found.getRows()[0]?.[position] }))
    .filter((cell): cell is { column: number; row: number } => typeof cell.row === 'number')
    .toSorted((a, b) => a.row - b.row)[0];
  if (bad !== undefined)
    throw await cellError(loaded, 'column_not_numeric', {
      ...bad,
      expected: `a finite number (of at most ${LARGEST_NUMBER})`,
    });
}

export interface BadCell {
  /** From 0, blank lines and the header not counted. */
  readonly row: number;
  readonly column: number;
  readonly expected: string;
}

/** The error of one cell, with its line and value. */
export async function cellError(
  loaded: LoadedCsv,
  code: ErrorCode,
  { row, column, expected }: BadCell,
): Promise<DataError> {
  const found = await loaded.connection.runAndReadAll(
    `SELECT coalesce(c${column}, '') FROM ${loaded.name} WHERE rowid = ${row}`,
  );
  const value = String(found.getRows()[0]?.[0] ?? '').slice(0, 80);
  const line = await lineOfRow(loaded, row);
  return new DataError(
    code,
    `expected ${expected} in column "${loaded.header.names[column]}" of ${loaded.place}, line ${line}, got ${JSON.stringify(value)}`,
  );
}

export async function lineOfRow({ file, header }: LoadedCsv, row: number): Promise<number> {
  let seen = 0;
  let found = 0;
  await scanRecords(file, header.delimiter, ({ line }) => {
    if (line <= header.line) return true;
    found = line;
    seen += 1;
    return seen <= row;
  });
  return found;
}

export interface CellSelection {
  readonly rows: number;
  readonly time: number;
  readonly numeric: readonly number[];
}

/**
 * Reads the time column as text and the numeric ones as numbers (NaN where missing), in the file's order; every cell
 * has been checked to be one or the other.
 */
export async function readColumns(
  { connection, name }: LoadedCsv,
  { rows, time, numeric }: CellSelection,
): Promise<{ times: (string | null)[]; columns: Float64Array[] }> {
  const selected = [`c${time}`, ...numeric.map(number)];
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${name} ORDER BY rowid`);
  const times: (string | null)[] = [];
  const columns = numeric.map(() => new Float64Array(rows));
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return { times, columns };
    const offset = times.length;
    for (const value of chunk.getColumnValues(0)) times.push(value === null ? null : String(value));
    for (const [index, column] of columns.entries()) {
      const values = chunk.getColumnValues(index + 1);
      for (const [row, value] of values.entries())
        column[offset + row] = value === null ? NaN : Number(value);
    }
  }
}
