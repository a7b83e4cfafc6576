import { compensatedSum } from './compensated-sum.ts';

/**
 * Mean and population standard deviation of finite values; NaN where there are none. A variance within the rounding
 * error of its two passes is that of a constant, and 0 (Chan, Golub and LeVeque 1983, as scikit-learn applies it).
 */
export function moments(values: Float64Array): { mean: number; deviation: number } {
  const rows = values.length;
  const mean = compensatedSum(values) / rows;
  const variance = compensatedSum(values.map((value) => (value - mean) * (value - mean))) / rows;
  const error = rows * mean * Number.EPSILON;
  const isConstant = variance <= rows * Number.EPSILON * variance + error * error;
  return { mean, deviation: isConstant ? 0 : Math.sqrt(variance) };
}
