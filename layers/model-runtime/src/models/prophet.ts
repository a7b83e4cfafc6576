import { optimizer } from '@bsull/augurs-prophet-wasmstan';
import { nextTimestamps } from '../calendar/calendar.ts';
import { cosineTurn, sineTurn } from '../calendar/turn.ts';
import { RuntimeError } from '../errors.ts';
import type { ModelInfo } from '../types.ts';
import type { Forecaster } from './forecaster.ts';

const DAY_MS = 86_400_000;
/** Prophet's defaults (Taylor and Letham 2018): 25 potential changepoints in the first 80 % of the history. */
const CHANGEPOINTS = 25;
const CHANGEPOINT_RANGE = 0.8;
const CHANGEPOINT_PRIOR = 0.05;
const SEASONALITY_PRIOR = 10;

interface Seasonality {
  /** Days. */
  readonly period: number;
  readonly order: number;
}

/** All that a forecast of one target needs, in the model's own scale. */
export interface ProphetParameters {
  /** Epoch ms of scaled time 0, and the length of scaled time 1. */
  readonly start: number;
  readonly span: number;
  /** y = scaled * yScale */
  readonly yScale: number;
  readonly k: number;
  readonly m: number;
  readonly changes: readonly number[];
  readonly delta: readonly number[];
  readonly seasonalities: readonly Seasonality[];
  readonly beta: readonly number[];
}

/**
 * Fits y(t) = g(t) + s(t): a piecewise linear trend and Fourier seasonalities, as a maximum of the posterior of
 * Prophet's own Stan model (Taylor and Letham 2018, equations 1, 4 and 6). Missing values (NaN) are left out.
 * @throws RuntimeError fit_failed
 */
export function fitProphet(ts: Float64Array, values: Float64Array, seed: number): ProphetParameters {
  const rows = [...values.keys()].filter((row) => Number.isFinite(values[row]));
  if (rows.length < 2)
    throw new RuntimeError('insufficient_rows', `expected at least 2 known values, got ${rows.length}`);
  const times = rows.map((row) => ts[row] ?? 0);
  const y = rows.map((row) => values[row] ?? 0);
  const start = times[0] ?? 0;
  const span = (times.at(-1) ?? 0) - start;
  const yScale = y.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  const seasonalities = seasonalitiesOf(times, span);
  const t = times.map((time) => (time - start) / span);
  const scaled = y.map((value) => value / yScale);
  const changes = changepoints(t);
  const design = times.map((time) => fourierRow(time, seasonalities));
  const first = scaled[0] ?? 0;
  const init = {
    k: (scaled.at(-1) ?? 0) - first,
    m: first,
    delta: new Float64Array(changes.length),
    beta: new Float64Array(design[0]?.length ?? 0),
    sigmaObs: 1,
  };
  // As Prophet itself does: a constant has no scatter whose likelihood could be maximised.
  const isConstant = scaled.every((value) => value === first);
  const { k, m, delta, beta } = isConstant
    ? init
    : optimise(init, JSON.stringify(stanData({ t, y: scaled, changes, design })), seed);
  return { start, span, yScale, k, m, changes, delta: [...delta], seasonalities, beta: [...beta] };
}

interface StanHistory {
  /** Scaled times and values of the known rows. */
  readonly t: readonly number[];
  readonly y: readonly number[];
  readonly changes: readonly number[];
  /** [rows, Fourier terms] */
  readonly design: readonly (readonly number[])[];
}

/** The data block of Prophet's Stan model, by its own names. */
function stanData({ t, y, changes, design }: StanHistory): Record<string, unknown> {
  const width = design[0]?.length ?? 0;
  const each = (value: number): number[] => Array.from({ length: width }, () => value);
  return {
    T: t.length,
    K: width,
    S: changes.length,
    t,
    y,
    cap: t.map(() => 0),
    t_change: changes,
    trend_indicator: 0,
    X: design,
    sigmas: each(SEASONALITY_PRIOR),
    tau: CHANGEPOINT_PRIOR,
    s_a: each(1),
    s_m: each(0),
  };
}

type Optimum = Pick<Parameters<typeof optimizer.optimize>[0], 'k' | 'm' | 'delta' | 'beta'>;

function optimise(init: Parameters<typeof optimizer.optimize>[0], data: string, seed: number): Optimum {
  try {
    return optimizer.optimize(init, data, { seed, algorithm: 'lbfgs', iter: 2000 }).params;
  } catch (cause) {
    throw new RuntimeError('fit_failed', `expected Prophet's optimizer to converge, got ${String(cause)}`, {
      cause,
    });
  }
}

/** Daily, weekly and yearly terms where the history holds two of their periods and its narrowest spacing can show them, as Prophet decides by itself. */
function seasonalitiesOf(times: readonly number[], span: number): Seasonality[] {
  let spacing = Number.POSITIVE_INFINITY;
  for (const [row, time] of times.entries()) {
    const before = times[row - 1];
    if (before !== undefined) spacing = Math.min(spacing, time - before);
  }
  const found: Seasonality[] = [];
  if (span >= 730 * DAY_MS) found.push({ period: 365.25, order: 10 });
  if (span >= 14 * DAY_MS && spacing < 7 * DAY_MS) found.push({ period: 7, order: 3 });
  if (span >= 2 * DAY_MS && spacing < DAY_MS) found.push({ period: 1, order: 4 });
  // The Stan model wants at least one column; a yearly term of the first order does the least harm.
  return found.length > 0 ? found : [{ period: 365.25, order: 1 }];
}

function changepoints(t: readonly number[]): number[] {
  const reach = Math.floor(t.length * CHANGEPOINT_RANGE);
  const count = Math.min(CHANGEPOINTS, reach - 1);
  return Array.from({ length: count }, (_, index) => t[Math.round(((index + 1) * (reach - 1)) / count)] ?? 0);
}

/** sin and cos of 2 pi n t / P for n = 1 .. order, time in days since 1970 (equation 5). */
function fourierRow(time: number, seasonalities: readonly Seasonality[]): number[] {
  const days = time / DAY_MS;
  return seasonalities.flatMap(({ period, order }) =>
    Array.from({ length: order }, (_, index) => ((index + 1) * days) / period).flatMap((turn) => [
      sineTurn(turn),
      cosineTurn(turn),
    ]),
  );
}

/** g(t) + s(t) in original units (equations 1, 4 and 6). */
export function prophetAt(parameters: ProphetParameters, time: number): number {
  const { start, span, yScale, k, m, changes, delta, seasonalities, beta } = parameters;
  const t = (time - start) / span;
  let rate = k;
  let offset = m;
  for (const [index, change] of changes.entries()) {
    if (t < change) break;
    const step = delta[index] ?? 0;
    rate += step;
    offset -= change * step;
  }
  const season = fourierRow(time, seasonalities).reduce(
    (sum, term, index) => sum + term * (beta[index] ?? 0),
    0,
  );
  return (rate * t + offset + season) * yScale;
}

/** Forecasts from timestamps alone. */
export function prophetForecaster(
  byTarget: Readonly<Record<string, ProphetParameters>>,
  info: ModelInfo,
): Forecaster {
  const at = (ts: Float64Array): Record<string, Float64Array> =>
    Object.fromEntries(
      Object.entries(byTarget).map(([target, parameters]) => [
        target,
        ts.map((time) => prophetAt(parameters, time)),
      ]),
    );
  return {
    info,
    forecast: ({ context, steps }) => {
      const last = context.ts[context.ts.length - 1];
      if (last === undefined)
        throw new RuntimeError(
          'insufficient_rows',
          'expected at least 1 row, whose time the forecast follows, got 0',
        );
      const ts = nextTimestamps(last, info.frequency, steps);
      return { ts, values: at(ts), recursiveFromStep: null };
    },
    backtest: ({ series, origins, horizon }) => {
      const ts = new Float64Array(origins.length * horizon);
      for (const [index, origin] of origins.entries())
        ts.set(series.ts.subarray(origin, origin + horizon), index * horizon);
      return { values: at(ts) };
    },
    dispose: () => {},
  };
}
