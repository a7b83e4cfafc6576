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
  { method = 'neighbours', neighbours, mean }: Imputation,
): { values: Float64Array; filled: number } {
  const result = Float64Array.from(values);
  const known: number[] = [];
  const most = method === 'ffill' ? 1 : neighbours;
  let filled = 0;
  for (let row = 0; row < values.length; row += 1) {
    if (Number.isNaN(values[row])) {
      result[row] = known.length === 0 || method === 'mean' ? mean : weightedMean(values, ts, known, row);
      filled += 1;
      continue;
    }
    known.push(row);
    if (known.length > most) known.shift();
  }
  return { values: result, filled };
}

function weightedMean(values: Float64Array, ts: Float64Array, known: readonly number[], row: number): number {
  const at = ts[row] ?? 0;
  const [only = row] = known;
  // A value that is weighed and weighed back may differ in its last digit.
  if (known.length === 1) return values[only] ?? 0;
  let sum = 0;
  let weights = 0;
  // Newest first, so that the order of the sum does not depend on how many there are.
  for (const neighbour of known.toReversed()) {
    const weight = 1 / (at - (ts[neighbour] ?? 0));
    sum += weight * (values[neighbour] ?? 0);
    weights += weight;
  }
  return sum / weights;
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
