export type SeasonKind = 'additive' | 'multiplicative';

/** Centred moving average over one season, half weights at both ends where it is even; NaN at the first and last rows. */
export function centredAverage(values: Float64Array, season: number): Float64Array {
  const trend = new Float64Array(values.length).fill(Number.NaN);
  const half = Math.floor(season / 2);
  const even = season % 2 === 0;
  for (let row = half; row + half < values.length; row += 1) {
    let sum = 0;
    for (let at = row - half; at <= row + half; at += 1) sum += values[at] ?? 0;
    if (even) sum -= ((values[row - half] ?? 0) + (values[row + half] ?? 0)) / 2;
    trend[row] = sum / season;
  }
  return trend;
}

/**
 * Seasonal indices by classical decomposition (Persons 1919; Hyndman and Athanasopoulos 2021, section 3.4): means of what
 * the centred moving average leaves, normalised to a mean of 0, or 1. `season` values, beginning at the first row's phase;
 * values without gaps, over at least two seasons.
 */
export function seasonalIndices(values: Float64Array, season: number, kind: SeasonKind): Float64Array {
  const trend = centredAverage(values, season);
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let row = 0; row < values.length; row += 1) {
    const level = trend[row] ?? 0;
    if (Number.isNaN(level)) continue;
    const value = values[row] ?? 0;
    const phase = row % season;
    sums[phase] = (sums[phase] ?? 0) + (kind === 'additive' ? value - level : value / level);
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  const indices = sums.map((sum, phase) => sum / (counts[phase] ?? 0));
  const mean = indices.reduce((sum, index) => sum + index, 0) / season;
  return indices.map((index) => (kind === 'additive' ? index - mean : index / mean));
}

export function removeSeason(values: Float64Array, indices: Float64Array, kind: SeasonKind): Float64Array {
  return values.map((value, row) => {
    const index = indices[row % indices.length] ?? 0;
    return kind === 'additive' ? value - index : value / index;
  });
}

/** Least-squares line through values at rows 0, 1, …: its value at row 0 and its slope. */
export function fitLine(values: Float64Array): { readonly intercept: number; readonly slope: number } {
  const middle = (values.length - 1) / 2;
  let [sum, product, squares] = [0, 0, 0];
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    sum += value;
    product += (row - middle) * value;
    squares += (row - middle) ** 2;
  }
  const slope = squares > 0 ? product / squares : 0;
  return { intercept: sum / values.length - slope * middle, slope };
}
