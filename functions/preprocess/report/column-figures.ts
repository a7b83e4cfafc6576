import type { ColumnReport } from '../../shared/dataset/report.ts';
import { PIECE_ROWS, piecesOf, type Column, type ColumnsByName } from '../columns/column.ts';
import { roomFor } from '../columns/rooms.ts';
import { profileOf, sumOfProducts, sumOfSquaresWithout, takeAway, trendOf } from '../steps/decompose.ts';
import { MOST_ROWS, newestRows } from '../steps/newest-rows.ts';
import { stationarityOf } from './stationarity.ts';

export type ColumnFigures = Omit<ColumnReport, 'role' | 'clipped'>;

/**
 * What is told of one column. `values`: the fit rows of the model input, `cells`: all rows as they came, `inserted`: 1 for those
 * that the source does not have.
 */
export function columnFigures(
  { values, cells, inserted }: ColumnsByName,
  { periods }: { readonly periods: readonly number[] },
): ColumnFigures {
  if (values === undefined || cells === undefined || inserted === undefined)
    throw new TypeError('expected values, cells and inserted, got fewer');
  // Both change the rows: to read them twice takes less than to hold them twice.
  const fit = (): Float64Array => newestRows(values, roomFor('rows', Math.min(values.length, MOST_ROWS)));
  const rows = fit();
  const stationarity = stationarityOf(rows, rows);
  return { ...cellsOf(cells, inserted), stationarity, seasonality: seasonality(fit(), periods) };
}

/** What one pass over the cells tells, known ones and those that rows of the source miss. */
function cellsOf(cells: Column, inserted: Column): Pick<ColumnReport, 'type' | 'min' | 'max' | 'missing'> {
  const kinds = { constant: true, binary: true, integer: true };
  let [min, max, missing] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  let first: number | undefined;
  const room = new Float64Array(Math.min(PIECE_ROWS, cells.length));
  for (const { start, values } of piecesOf(cells)) {
    const flags = inserted.read(start, start + values.length, room);
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row] ?? NaN;
      if (Number.isNaN(value)) {
        if (flags[row] !== 1) missing += 1;
        continue;
      }
      first ??= value;
      if (value !== first) kinds.constant = false;
      if (value !== 0 && value !== 1) kinds.binary = false;
      if (!Number.isInteger(value)) kinds.integer = false;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return { type: typeOf(kinds), min, max, missing };
}

function typeOf(kinds: { constant: boolean; binary: boolean; integer: boolean }): ColumnReport['type'] {
  if (kinds.constant) return 'constant';
  if (kinds.binary) return 'binary';
  return kinds.integer ? 'integer' : 'real';
}

/**
 * Share of the variance about the trend that the mean profile explains (Wang, Smith and Hyndman, 2006, section 4.1). Takes the
 * trend away from `values`.
 */
function seasonality(values: Float64Array, periods: readonly number[]): ColumnReport['seasonality'] {
  takeAway(trendOf(values), values);
  const all = sumOfProducts(values, 0);
  return periods.map((period) => {
    const strength = 1 - sumOfSquaresWithout(profileOf(values, period), values) / all;
    return { period, strength: Number.isFinite(strength) ? Math.max(0, strength) : 0 };
  });
}
