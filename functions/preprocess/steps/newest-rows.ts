import { wholeColumn, sliceColumn, type Column } from '../columns/column.ts';

/**
 * Rows that seasons, stationarity and seasonality are told from, of each column: 16 MiB. Two weeks of seconds, four years of
 * minutes.
 */
export const MOST_ROWS = 2 ** 21;

/** A copy of the last MOST_ROWS of a column, or of all. */
export function newestRows(column: Column): Float64Array {
  return wholeColumn(
    sliceColumn(column, { start: Math.max(0, column.length - MOST_ROWS), end: column.length }),
  );
}
