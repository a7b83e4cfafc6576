import type { Columns } from '@flts/model-runtime';
import type { FillMethod } from './rules.ts';
import { mapColumns } from './source-table.ts';

/** How missing cells are filled; preprocess, and serving with the same values from meta.json. */
export interface Imputation {
  /** ffill takes the last known value, mean the mean alone; default neighbours. */
  readonly method?: FillMethod | undefined;
  /** How many of the most recent known values are weighed; at least 1. */
  readonly neighbours: number;
  /** Fills cells with no known value before them: the column's mean over the fit rows. */
  readonly mean: number;
}

/**
 * Fills NaN cells: with the mean of the `neighbours` most recent known values, weighted by 1 / distance in time, or as
 * `method` says. A cell depends on rows before it alone (and on the mean where there is none), and never on a filled cell.
 * `ts` (epoch ms) is strictly increasing. Returns a new array without NaN, and how many cells were filled.
 */
export function imputeColumn(
  values: Float64Array,
  ts: Float64Array,
  how: Imputation,
): { values: Float64Array; filled: number } {
  return createImputer(how)(values, ts);
}

/** The filled values are put into `room`, where that is given; it holds as many. */
export type Imputer = (
  values: Float64Array,
  ts: Float64Array,
  room?: Float64Array,
) => { values: Float64Array; filled: number };

/** The same for rows that come in pieces, each after the one before. Remembers the last known values and their times. */
export function createImputer({ method = 'neighbours', neighbours, mean }: Imputation): Imputer {
  const known = createRecent(method === 'ffill' ? 1 : neighbours);
  return (values, ts, room = new Float64Array(values.length)) => {
    const result = room.subarray(0, values.length);
    result.set(values);
    let filled = 0;
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row] ?? NaN;
      if (Number.isNaN(value)) {
        result[row] = known.count() === 0 || method === 'mean' ? mean : known.weightedMean(ts[row] ?? 0);
        filled += 1;
      } else known.add(value, ts[row] ?? 0);
    }
    return { values: result, filled };
  };
}

/** The `most` newest values and their times. */
function createRecent(most: number) {
  const [values, times] = [new Float64Array(most), new Float64Array(most)];
  let [next, count] = [0, 0];
  return {
    count: (): number => count,
    add: (value: number, at: number): void => {
      values[next] = value;
      times[next] = at;
      next = next + 1 === most ? 0 : next + 1;
      if (count < most) count += 1;
    },
    /** By 1 / distance in time from `at`. */
    weightedMean: (at: number): number => {
      const newest = next === 0 ? most - 1 : next - 1;
      // A value that is weighed and weighed back may differ in its last digit.
      if (count === 1) return values[newest] ?? 0;
      let sum = 0;
      let weights = 0;
      // Newest first, so that the order of the sum does not depend on how many there are.
      for (let back = 0; back < count; back += 1) {
        const place = (newest - back + most) % most;
        const weight = 1 / (at - (times[place] ?? 0));
        sum += weight * (values[place] ?? 0);
        weights += weight;
      }
      return sum / weights;
    },
  };
}

/** Every column by imputeColumn, each with its own mean. */
export function imputeColumns(
  values: Columns,
  ts: Float64Array,
  { means, ...how }: Omit<Imputation, 'mean'> & { readonly means: Readonly<Record<string, number>> },
): { values: Columns; filled: number } {
  let filled = 0;
  const imputed = mapColumns(values, (column, name) => {
    const result = imputeColumn(column, ts, { ...how, mean: means[name] ?? 0 });
    filled += result.filled;
    return result.values;
  });
  return { values: imputed, filled };
}
