/**
 * The value below which `share` (0 to 1) of the values lie, straight between the two nearest (Hyndman and Fan, 1996,
 * definition 7: the default of NumPy, and what RobustScaler goes by). `sorted`: ascending, at least one.
 */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}
