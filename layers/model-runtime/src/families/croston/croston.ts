import { requireRows } from '../../statistics/gaps.ts';
import { searchLine } from '../../statistics/search-line.ts';
import type { Distribution, UnivariateModel } from '../../statistics/univariate.ts';

export interface DemandParameters {
  /** Of sizes, intervals and probabilities. */
  readonly alpha: number;
  /** Mean square of the one-step residuals. */
  readonly variance: number;
}

export interface DemandState {
  /** Smoothed size of a demand: of a row that is not 0. */
  readonly size: number;
  /** Smoothed rows from one demand to the next. */
  readonly interval: number;
  /** Smoothed part of the rows that have one. */
  readonly probability: number;
  /** Rows since the last one, this one counted. */
  readonly since: number;
}

export type DemandMethod = 'CROSTON_SBA' | 'TSB';

/** Known rows. */
const MINIMUM_ROWS = 4;
/** Intermittent demand is smoothed little (Syntetos and Boylan 2005, section 4). */
const ALPHA = [0.02, 0.3] as const;
const SEARCH = { points: 8, tolerance: 0.01 };

/**
 * Intermittent demand: Croston's method with the correction of Syntetos and Boylan (2005, equation 5), or Teunter, Syntetos and
 * Babai (2011, equation 4), whose probability falls in every row without a demand. One smoothing parameter, by least squares of
 * the one-step forecasts. Missing rows are passed over.
 */
export function createDemand(method: DemandMethod): UnivariateModel<DemandParameters, DemandState> {
  const rate = (state: DemandState, alpha: number): number =>
    method === 'TSB' ? state.probability * state.size : ((1 - alpha / 2) * state.size) / state.interval;
  return {
    minimumRows: MINIMUM_ROWS,
    fit: (values, { signal }) => {
      requireRows(method, values, MINIMUM_ROWS);
      signal?.throwIfAborted();
      const start = startOf(values);
      const squaresOf = (alpha: number): number => meanSquare(run(values, start, { alpha, rate }).residuals);
      const { x: alpha, value, evaluations } = searchLine(squaresOf, ALPHA, SEARCH);
      const { state, residuals } = run(values, start, { alpha, rate });
      return { parameters: { alpha, variance: value }, state, residuals, evaluations, converged: true };
    },
    update: ({ alpha }, state, values) => run(values, state, { alpha, rate }).state,
    restart: ({ alpha }, values) => {
      requireRows(method, values, 1);
      return run(values, startOf(values), { alpha, rate }).state;
    },
    forecast: ({ alpha, variance }, state, steps): Distribution => ({
      mean: new Float64Array(steps).fill(rate(state, alpha)),
      // A smoothed level is as far off as its errors add up to.
      variance: Float64Array.from({ length: steps }, (_, step) => variance * (1 + step * alpha ** 2)),
    }),
  };
}

/** The means of all rows: with little smoothing a beginning from the first demand would be felt for long. */
function startOf(values: Float64Array): DemandState {
  const known = values.filter((value) => !Number.isNaN(value));
  const demands = known.filter((value) => value !== 0);
  const probability = demands.length / known.length;
  const size = demands.length > 0 ? demands.reduce((sum, value) => sum + value, 0) / demands.length : 0;
  return { size, probability, interval: demands.length > 0 ? 1 / probability : known.length, since: 1 };
}

interface Smoothing {
  readonly alpha: number;
  readonly rate: (state: DemandState, alpha: number) => number;
}

function run(
  values: Float64Array,
  from: DemandState,
  { alpha, rate }: Smoothing,
): { readonly state: DemandState; readonly residuals: Float64Array } {
  let state = from;
  const residuals = values.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const residual = value - rate(state, alpha);
    state = advance(state, value, alpha);
    return residual;
  });
  return { state, residuals };
}

function advance(
  { size, interval, probability, since }: DemandState,
  value: number,
  alpha: number,
): DemandState {
  if (value === 0) return { size, interval, probability: (1 - alpha) * probability, since: since + 1 };
  return {
    size: size + alpha * (value - size),
    interval: interval + alpha * (since - interval),
    probability: probability + alpha * (1 - probability),
    since: 1,
  };
}

function meanSquare(residuals: Float64Array): number {
  let [sum, known] = [0, 0];
  for (const residual of residuals) {
    if (Number.isNaN(residual)) continue;
    sum += residual ** 2;
    known += 1;
  }
  return sum / known;
}
