import { compensatedSum, compensatedSumOfPieces } from '@flts/model-runtime';
import type { ColumnReport } from '../../shared/dataset/report.ts';
import { madeInPieces, sumsOfProducts } from '../steps/decompose.ts';

/** Above it, five series in a hundred whose level stands still would come out. */
const CRITICAL = 0.463;
/** Fewer rows tell nothing. */
const FEWEST_ROWS = 20;

/**
 * The test for a level that stands still (Kwiatkowski, Phillips, Schmidt and Shin, 1992, eq. 10 and 13: Bartlett's
 * weights, their lag l4), as a hint: a strong season or a single step may fool it. `values`: finite. `room`: takes as
 * many numbers; it may be `values`, which are lost then.
 */
export function stationarityOf(
  values: Float64Array,
  room: Float64Array = new Float64Array(values.length),
): ColumnReport['stationarity'] {
  const rows = values.length;
  if (rows < FEWEST_ROWS) return null;
  const mean = compensatedSum(values) / rows;
  const deviations = room.subarray(0, rows);
  for (let row = 0; row < rows; row += 1) deviations[row] = (values[row] ?? 0) - mean;
  const variance = longRunVariance(deviations);
  const kpss = sumOfSquaredSums(deviations) / (rows * rows) / variance;
  if (!Number.isFinite(kpss) || variance <= 0) return null;
  return { kpss, hint: kpss < CRITICAL ? 'stationary' : 'not_stationary' };
}

function sumOfSquaredSums(deviations: Float64Array): number {
  let sum = 0;
  const squares = madeInPieces(deviations, (row) => {
    sum += deviations[row] ?? 0;
    return sum * sum;
  });
  return compensatedSumOfPieces(squares);
}

function longRunVariance(deviations: Float64Array): number {
  const rows = deviations.length;
  // The fourth root by two square roots, which every engine rounds alike.
  const lags = Math.floor(4 * Math.sqrt(Math.sqrt(rows / 100)));
  const [variance = 0, ...products] = sumsOfProducts(deviations, lags);
  const terms = products.map((product, index) => 2 * (1 - (index + 1) / (lags + 1)) * product);
  return compensatedSum([variance, ...terms]) / rows;
}
