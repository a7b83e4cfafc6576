import { centredAverage, seasonalIndices } from './decomposition.ts';

/** Of the KPSS statistic at 5 % (Kwiatkowski, Phillips, Schmidt and Shin 1992, table 1, a level alone). */
const CRITICAL = 0.463;
/** Of the seasonal strength, above which a seasonal difference pays (Hyndman and Athanasopoulos 2021, section 9.1). */
const STRONG = 0.64;

/** The KPSS statistic of a level, with Bartlett's weights over trunc(3 sqrt(n) / 13) lags; 0 for a constant. */
export function kpss(values: Float64Array): number {
  const rows = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const rest = values.map((value) => value - mean);
  const lags = Math.trunc((3 * Math.sqrt(rows)) / 13);
  let [partial, sums] = [0, 0];
  for (const value of rest) {
    partial += value;
    sums += partial ** 2;
  }
  let variance = 0;
  for (let lag = 0; lag <= lags; lag += 1) {
    let products = 0;
    for (let row = lag; row < rows; row += 1) products += (rest[row] ?? 0) * (rest[row - lag] ?? 0);
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * products;
  }
  return variance > 0 ? sums / (rows * variance) : 0;
}

export function isLevelStationary(values: Float64Array): boolean {
  return kpss(values) <= CRITICAL;
}

/**
 * How much of what a trend leaves is the season: 1 - var(remainder) / var(season and remainder), from 0 to 1 (Wang, Smith and
 * Hyndman 2006), by classical decomposition. Values over at least two seasons.
 */
export function seasonalStrength(values: Float64Array, season: number): number {
  const trend = centredAverage(values, season);
  const indices = seasonalIndices(values, season, 'additive');
  const [both, remainder] = [new Float64Array(values.length), new Float64Array(values.length)];
  let known = 0;
  for (let row = 0; row < values.length; row += 1) {
    const rest = (values[row] ?? 0) - (trend[row] ?? 0);
    if (Number.isNaN(rest)) continue;
    both[known] = rest;
    remainder[known] = rest - (indices[row % season] ?? 0);
    known += 1;
  }
  const whole = varianceOf(both.subarray(0, known));
  return whole > 0 ? Math.max(0, 1 - varianceOf(remainder.subarray(0, known)) / whole) : 0;
}

export function needsSeasonalDifference(values: Float64Array, season: number): boolean {
  return season > 1 && values.length > 2 * season && seasonalStrength(values, season) > STRONG;
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
