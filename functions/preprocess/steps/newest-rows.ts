import type { Column } from '../columns/column.ts';

/**
 * Rows that seasons, stationarity and seasonality are told from, of each column: 16 MiB. Two weeks of seconds, four years of
 * minutes.
 */
export const MOST_ROWS = 2 ** 21;

/** A copy of the last MOST_ROWS of a column, or of all; in `room`, where that is given and holds as many. */
export function newestRows(column: Column, room?: Float64Array): Float64Array {
  const start = Math.max(0, column.length - MOST_ROWS);
  const copy = room ?? new Float64Array(column.length - start);
  const values = column.read(start, column.length, copy);
  if (values.buffer !== copy.buffer) copy.set(values);
  return copy.subarray(0, values.length);
}
