/** Autocorrelations at lags 0 to `lags` of values without gaps (Box and Jenkins 1976, equation 2.1.13); zeros for a constant. */
export function autocorrelations(values: Float64Array, lags: number): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let row = lag; row < centred.length; row += 1)
      sum += (centred[row] ?? 0) * (centred[row - lag] ?? 0);
    return sum;
  };
  const variance = covariance(0);
  return Float64Array.from({ length: lags + 1 }, (_, lag) => (variance > 0 ? covariance(lag) / variance : 0));
}

/** Of 90 %, on both sides. */
const LIMIT = 1.645;

/**
 * Whether the autocorrelation at the season stands out from what those at shorter lags let expect (Bartlett 1946, as in
 * Assimakopoulos and Nikolopoulos 2000, and Fiorucci et al. 2016, section 3.1): values over more than two seasons.
 */
export function isSeasonal(values: Float64Array, season: number): boolean {
  if (season <= 1 || values.length <= 2 * season) return false;
  const correlations = autocorrelations(values, season);
  let sum = 1;
  for (let lag = 1; lag < season; lag += 1) sum += 2 * (correlations[lag] ?? 0) ** 2;
  return Math.abs(correlations[season] ?? 0) > LIMIT * Math.sqrt(sum / values.length);
}
