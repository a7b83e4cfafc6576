import { interpolate, requireRows } from '../../statistics/gaps.ts';
import { meanMagnitude } from '../../statistics/scale.ts';
import type {
  Distribution,
  FitOptions,
  UnivariateFit,
  UnivariateModel,
} from '../../statistics/univariate.ts';
import { boost, extrapolate, type Boosted, type Components, type Configuration } from './boost.ts';

export interface MflesParameters {
  readonly configuration: Configuration;
  /** Rows, ascending; those with two of them in the fit. */
  readonly seasons: readonly number[];
  /** Mean absolute value of the fit. */
  readonly scale: number;
  /** One-step, in units of the scale, or of logarithms. */
  readonly variance: number;
  /** Rows that a state keeps. */
  readonly kept: number;
}

export interface MflesState {
  readonly components: Components;
  /** Whether they are of logarithms. */
  readonly logarithms: boolean;
  /** The last rows, null where missing: with those that come they are fitted anew. */
  readonly rows: readonly (number | null)[];
}

/** Known rows. */
const MINIMUM_ROWS = 5;
/** Longest seasons that a state keeps the rows of, and rows that it keeps at least. */
const KEPT = { seasons: 12, rows: 400 };
/** Rows that configurations forecast to be chosen, where there is no season; as often. */
const CHOSEN_BY = { rows: 8, folds: 2 };

/**
 * A trend that may bend and seasons of several lengths, boosted in turns, and a smoothed level of what they leave: the idea of
 * MFLES (Blume 2024), on our own learners. Logarithms, bends and cycles are chosen by forecasts of the last rows. An update fits the
 * rows that the state keeps anew: it costs milliseconds rather than microseconds. Gaps lie on the line between their neighbours.
 */
export function createMfles(): UnivariateModel<MflesParameters, MflesState> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: fitMfles,
    update: (parameters, state, values) =>
      stateOf(parameters, Float64Array.from([...state.rows.map((value) => value ?? Number.NaN), ...values])),
    restart: (parameters, values) => {
      requireRows('MFLES', values, 1);
      return stateOf(parameters, values);
    },
    forecast,
  };
}

function fitMfles(
  values: Float64Array,
  { season, seasons = [season], signal }: FitOptions,
): UnivariateFit<MflesParameters, MflesState> {
  requireRows('MFLES', values, MINIMUM_ROWS);
  const usable = seasons.filter((one) => one > 1 && values.length >= 2 * one).toSorted((a, b) => a - b);
  const scale = meanMagnitude(values);
  const filled = interpolate(values);
  const draft = { seasons: usable, scale, kept: Math.max(KEPT.rows, KEPT.seasons * Math.max(1, ...usable)) };
  const tried = configurations(filled, usable).map((configuration) => {
    signal?.throwIfAborted();
    return { configuration, error: validate(filled, { ...draft, configuration }) };
  });
  const { configuration } = tried.reduce((a, b) => (b.error < a.error ? b : a));
  const { logarithms, boosted } = fitRows(filled, { ...draft, configuration });
  const squares = boosted.residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const parameters = { ...draft, configuration, variance: squares / values.length };
  const residuals = boosted.residuals.map((residual, row) => {
    const value = values[row] ?? 0;
    return logarithms ? value * (1 - Math.exp(-residual)) : Number.isNaN(value) ? value : residual * scale;
  });
  const evaluations = tried.length * CHOSEN_BY.folds + 2;
  return { parameters, state: stateOf(parameters, values), residuals, evaluations, converged: true };
}

type Draft = Omit<MflesParameters, 'variance'>;

function configurations(values: Float64Array, seasons: readonly number[]): Configuration[] {
  const positive = values.every((value) => value > 0);
  const all: Configuration[] = [];
  for (const logarithms of positive ? [false, true] : [false])
    for (const bends of values.length >= 40 ? [0, 5] : [0])
      for (const terms of seasons.some((season) => season > 6) ? [3, 10] : [3])
        all.push({ logarithms, bends, terms });
  return all;
}

/** Mean absolute error of the forecasts of the last rows, in original units; Infinity where the rows do not suffice. */
function validate(values: Float64Array, draft: Draft): number {
  const horizon = Math.min(Math.max(CHOSEN_BY.rows, ...draft.seasons), Math.floor(values.length / 4));
  let error = 0;
  for (let fold = 1; fold <= CHOSEN_BY.folds; fold += 1) {
    const end = values.length - fold * horizon;
    const ahead = pointsOf(fitRows(values.subarray(0, end), draft), draft.scale, horizon);
    for (const [step, point] of ahead.entries()) error += Math.abs((values[end + step] ?? 0) - point);
  }
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}

interface FittedRows {
  readonly logarithms: boolean;
  readonly boosted: Pick<Boosted, 'components' | 'residuals'>;
}

/** Values without gaps. */
function fitRows(values: Float64Array, { configuration, seasons, scale }: Draft): FittedRows {
  const logarithms = configuration.logarithms && values.every((value) => value > 0);
  const scaled = values.map((value) => (logarithms ? Math.log(value / scale) : value / scale));
  const usable = seasons.filter((season) => values.length >= 2 * season);
  return { logarithms, boosted: boost(scaled, usable, configuration) };
}

function stateOf(parameters: Draft, values: Float64Array): MflesState {
  const rows = values.subarray(Math.max(0, values.length - parameters.kept));
  const { logarithms, boosted } = fitRows(interpolate(rows), parameters);
  const kept = Array.from(rows, (value) => (Number.isNaN(value) ? null : value));
  return { components: boosted.components, logarithms, rows: kept };
}

function pointsOf({ logarithms, boosted }: FittedRows, scale: number, steps: number): Float64Array {
  const points = extrapolate(boosted.components, steps);
  return points.map((point) => (logarithms ? Math.exp(point) : point) * scale);
}

/** Variances as if errors added up in the smoothed level alone. */
function forecast(
  { scale, variance }: MflesParameters,
  { components, logarithms }: MflesState,
  steps: number,
): Distribution {
  const boosted = { components, residuals: new Float64Array(0) };
  const mean = pointsOf({ logarithms, boosted }, scale, steps);
  const widths = mean.map((point, step) => {
    const width = variance * (1 + step * components.alpha ** 2);
    return logarithms ? point ** 2 * Math.expm1(width) : scale ** 2 * width;
  });
  return { mean, variance: widths };
}
