import type { Smoothing } from './form.ts';
import type { Pass } from './recursion.ts';

/** What a criterion changes by with each smoothing parameter and initial state. */
export interface Adjoints {
  alpha: number;
  beta: number;
  gamma: number;
  phi: number;
  level: number;
  trend: number;
  /** One a phase; the first row's is at 0. */
  readonly ring: Float64Array;
}

/**
 * Reverse mode through the recursion: the pass backwards, adding up what each row's forecast does to the criterion.
 * `ofForecast`: derivative of the criterion in each row's forecast, 0 where its value is missing.
 */
export function differentiateAdditive(
  pass: Pass,
  ofForecast: Float64Array,
  { alpha, beta, gamma, phi }: Smoothing,
  adjoints: Adjoints,
): void {
  const { trend, residual } = pass;
  const { ring } = adjoints;
  let [level, slope, byAlpha, byBeta, byGamma, byPhi] = [0, 0, 0, 0, 0, 0];
  ring.fill(0);
  let phase = (residual.length - 1) % ring.length;
  for (let row = residual.length - 1; row >= 0; row -= 1) {
    const error = residual[row] ?? 0;
    const season = ring[phase] ?? 0;
    byAlpha += level * error;
    byBeta += slope * error;
    byGamma += season * error;
    // A missing row's error is 0 whatever the states are: nothing goes through it (its ofForecast is NaN).
    const direct = ofForecast[row] ?? 0;
    const forecast = direct === direct ? direct - (alpha * level + beta * slope + gamma * season) : 0;
    const base = level + forecast;
    ring[phase] = season + forecast;
    byPhi += (trend[row] ?? 0) * (base + slope);
    slope = phi * (base + slope);
    level = base;
    phase = phase === 0 ? ring.length - 1 : phase - 1;
  }
  Object.assign(adjoints, { alpha: byAlpha, beta: byBeta, gamma: byGamma, phi: byPhi, level, trend: slope });
}

export function differentiateMultiplicative(
  pass: Pass,
  ofForecast: Float64Array,
  { alpha, beta, gamma, phi }: Smoothing,
  adjoints: Adjoints,
): void {
  const { trend, base: bases, seasonal, residual } = pass;
  const { ring } = adjoints;
  let [level, slope, byAlpha, byBeta, byGamma, byPhi] = [0, 0, 0, 0, 0, 0];
  ring.fill(0);
  let phase = (residual.length - 1) % ring.length;
  for (let row = residual.length - 1; row >= 0; row -= 1) {
    const error = residual[row] ?? 0;
    const mean = bases[row] ?? 0;
    const ratio = seasonal[row] ?? 0;
    const season = ring[phase] ?? 0;
    const [ofLevel, ofRatio] = [error / ratio, error / mean];
    byAlpha += level * ofLevel;
    byBeta += slope * ofLevel;
    byGamma += season * ofRatio;
    const levels = alpha * level + beta * slope;
    const direct = ofForecast[row] ?? 0;
    const forecast = direct === direct ? direct - levels / ratio - (gamma * season) / mean : 0;
    const base = level + forecast * ratio - (gamma * season * ofRatio) / mean;
    ring[phase] = season + forecast * mean - (levels * ofLevel) / ratio;
    byPhi += (trend[row] ?? 0) * (base + slope);
    slope = phi * (base + slope);
    level = base;
    phase = phase === 0 ? ring.length - 1 : phase - 1;
  }
  Object.assign(adjoints, { alpha: byAlpha, beta: byBeta, gamma: byGamma, phi: byPhi, level, trend: slope });
}
