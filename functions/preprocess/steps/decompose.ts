import { compensatedSum } from '@flts/model-runtime';

/** Of values `lag` rows apart. */
export function sumOfProducts(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let row = lag; row < values.length; row += 1) sum += (values[row] ?? 0) * (values[row - lag] ?? 0);
  return sum;
}

/** Residuals of the least-squares line. A constant column becomes zeros. */
export function withoutTrend(values: Float64Array): Float64Array {
  const mean = compensatedSum(values) / values.length;
  const middle = (values.length - 1) / 2;
  const spread = (values.length * (values.length * values.length - 1)) / 12;
  const slope = compensatedSum(values.map((value, row) => (row - middle) * (value - mean))) / (spread || 1);
  const constant = values.every((value) => value === values[0]);
  return values.map((value, row) => (constant ? 0 : value - mean - slope * (row - middle)));
}

/** Residuals of the mean at each phase of `period`. */
export function withoutProfile(values: Float64Array, period: number): Float64Array {
  const sums = new Float64Array(period);
  const counts = new Int32Array(period);
  for (let row = 0; row < values.length; row += 1) {
    const phase = row % period;
    sums[phase] = (sums[phase] ?? 0) + (values[row] ?? 0);
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  const means = sums.map((sum, phase) => sum / (counts[phase] ?? 1));
  return values.map((value, row) => value - (means[row % period] ?? 0));
}
