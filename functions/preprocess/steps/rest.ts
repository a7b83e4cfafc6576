import type { ColumnsByName } from '../columns/column.ts';
import { roomFor } from '../columns/rooms.ts';
import { profileOf, sumOfProducts, sumsAtLags, takeAway, trendOf, type Removal } from './decompose.ts';
import { MOST_ROWS, newestRows } from './newest-rows.ts';

/** Of a column's newest rows once its trend is taken away. */
export interface Trend {
  readonly trend: Removal;
  /** Sum of squares. */
  readonly power: number;
}

export function trendOfColumn(columns: ColumnsByName, _nothing: undefined): Trend {
  const rows = rowsOf(columns);
  const trend = trendOf(rows);
  takeAway(trend, rows);
  return { trend, power: sumOfProducts(rows, 0) };
}

/** Sums of products at four lags of what is left of a column's newest rows. */
export function autocorrelations(
  columns: ColumnsByName,
  {
    removals,
    lags,
  }: { readonly removals: readonly Removal[]; readonly lags: readonly [number, number, number, number] },
): number[] {
  return sumsAtLags(restOf(columns, removals), lags);
}

export function profileOfRest(
  columns: ColumnsByName,
  { removals, period }: { readonly removals: readonly Removal[]; readonly period: number },
): Removal {
  return profileOf(restOf(columns, removals), period);
}

function restOf(columns: ColumnsByName, removals: readonly Removal[]): Float64Array {
  const rows = rowsOf(columns);
  for (const removal of removals) takeAway(removal, rows);
  return rows;
}

/** A copy, which the next column's rows take the place of. */
function rowsOf({ values }: ColumnsByName): Float64Array {
  if (values === undefined) throw new TypeError('expected values, got none');
  return newestRows(values, roomFor('rows', Math.min(values.length, MOST_ROWS)));
}
