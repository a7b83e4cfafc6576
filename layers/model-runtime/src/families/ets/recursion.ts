import type { Form, FormState, Smoothing } from './form.ts';

/** One pass: what each row was forecast from. All arrays have one number a row. */
export interface Pass {
  /** The trend before the row. */
  readonly trend: Float64Array;
  /** Level and damped trend: the forecast less its season. */
  readonly base: Float64Array;
  /** The seasonal state that the row was forecast with. */
  readonly seasonal: Float64Array;
  /** One-step forecast. */
  readonly fitted: Float64Array;
  /** Value less forecast; 0 where the value is missing: the state goes on as expected. */
  readonly residual: Float64Array;
}

export function createPass(rows: number): Pass {
  const [trend, base, seasonal] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  return { trend, base, seasonal, fitted: new Float64Array(rows), residual: new Float64Array(rows) };
}

/** The state that a pass goes on from, changed in place. `ring` holds one seasonal state a phase, `next` is the coming row's. */
export interface MutableState {
  level: number;
  trend: number;
  readonly ring: Float64Array;
  next: number;
}

export function toMutable({ level, trend, season }: FormState): MutableState {
  return { level, trend, ring: Float64Array.from(season.length === 0 ? [0] : season), next: 0 };
}

export function fromMutable({ level, trend, ring, next }: MutableState, form: Form): FormState {
  const season = form.season === 'N' ? [] : [...ring.subarray(next), ...ring.subarray(0, next)];
  return { level, trend, season };
}

/**
 * Hyndman et al. 2008, tables 2.2 and 2.3, for additive trends. In terms of value less forecast the states move alike for
 * both kinds of error, so that a pass depends on the season alone.
 */
export function filter(
  values: Float64Array,
  state: MutableState,
  { form, smoothing }: { readonly form: Form; readonly smoothing: Smoothing },
  pass: Pass,
): void {
  const run = form.season === 'M' ? filterMultiplicative : filterAdditive;
  run(values, state, smoothing, pass);
}

function filterAdditive(values: Float64Array, state: MutableState, smoothing: Smoothing, pass: Pass): void {
  const { alpha, beta, gamma, phi } = smoothing;
  const { trend, base, seasonal, fitted, residual } = pass;
  const { ring } = state;
  let { level, trend: slope, next } = state;
  for (let row = 0; row < values.length; row += 1) {
    const mean = level + phi * slope;
    const season = ring[next] ?? 0;
    const forecast = mean + season;
    const value = values[row] ?? 0;
    const error = value === value ? value - forecast : 0;
    trend[row] = slope;
    base[row] = mean;
    seasonal[row] = season;
    fitted[row] = forecast;
    residual[row] = error;
    level = mean + alpha * error;
    slope = phi * slope + beta * error;
    ring[next] = season + gamma * error;
    next = next + 1 === ring.length ? 0 : next + 1;
  }
  state.level = level;
  state.trend = slope;
  state.next = next;
}

function filterMultiplicative(
  values: Float64Array,
  state: MutableState,
  smoothing: Smoothing,
  pass: Pass,
): void {
  const { alpha, beta, gamma, phi } = smoothing;
  const { trend, base, seasonal, fitted, residual } = pass;
  const { ring } = state;
  let { level, trend: slope, next } = state;
  for (let row = 0; row < values.length; row += 1) {
    const mean = level + phi * slope;
    const season = ring[next] ?? 0;
    const forecast = mean * season;
    const value = values[row] ?? 0;
    const error = value === value ? value - forecast : 0;
    trend[row] = slope;
    base[row] = mean;
    seasonal[row] = season;
    fitted[row] = forecast;
    residual[row] = error;
    const deseasonalised = error / season;
    level = mean + alpha * deseasonalised;
    slope = phi * slope + beta * deseasonalised;
    ring[next] = season + (gamma * error) / mean;
    next = next + 1 === ring.length ? 0 : next + 1;
  }
  state.level = level;
  state.trend = slope;
  state.next = next;
}
