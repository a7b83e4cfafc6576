import { orderStatistics } from './order-statistics.ts';
import type { Piecewise } from './piecewise.ts';

/**
 * The values below which the `shares` (0 to 1) of all lie, straight between the two nearest (Hyndman and Fan, 1996,
 * definition 7: NumPy's default, and what RobustScaler goes by). NaN where there are no values; `values`: no NaN.
 */
export function quantiles(values: Piecewise, shares: readonly number[]): number[] {
  if (values.length === 0) return shares.map(() => Number.NaN);
  const last = values.length - 1;
  const positions = shares.map((share) => share * last);
  const ranks = positions.flatMap((position) => {
    const below = Math.floor(position);
    return [below, Math.min(below + 1, last)];
  });
  const found = orderStatistics(values, ranks);
  return positions.map((position, index) => {
    const [low = Number.NaN, high = Number.NaN] = found.slice(2 * index, 2 * index + 2);
    return low + (position - Math.floor(position)) * (high - low);
  });
}
