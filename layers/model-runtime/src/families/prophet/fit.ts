import type { optimizer as Optimizer } from '@bsull/augurs-prophet-wasmstan';
import { RuntimeError } from '../../errors.ts';
import { fourierRow, type ProphetParameters, type Seasonality } from './forecast.ts';

type Inits = Parameters<typeof Optimizer.optimize>[0];

const DAY_MS = 86_400_000;
/** Prophet's defaults (Taylor and Letham 2018): 25 potential changepoints in the first 80 % of the history. */
const CHANGEPOINTS = 25;
const CHANGEPOINT_RANGE = 0.8;
const CHANGEPOINT_PRIOR = 0.05;
const SEASONALITY_PRIOR = 10;

/**
 * Fits y(t) = g(t) + s(t): a piecewise linear trend and Fourier seasonalities, as a maximum of the posterior of
 * Prophet's own Stan model (Taylor and Letham 2018, equations 1, 4 and 6). Missing values (NaN) are left out.
 * @throws RuntimeError fit_failed
 */
export async function fitProphet(
  ts: Float64Array,
  values: Float64Array,
  seed: number,
): Promise<ProphetParameters> {
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
    : await optimise(init, JSON.stringify(stanData({ t, y: scaled, changes, design })), seed);
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

type Optimum = Pick<Inits, 'k' | 'm' | 'delta' | 'beta'>;

async function optimise(init: Inits, data: string, seed: number): Promise<Optimum> {
  // Loaded where it is needed: its module awaits at top level, which those who require() this package cannot.
  const { optimizer } = await import('@bsull/augurs-prophet-wasmstan');
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
