import { fourierColumns, type Fourier } from '../../statistics/fourier.ts';
import { interpolate, requireRows } from '../../statistics/gaps.ts';
import { independentColumns } from '../../statistics/least-squares.ts';
import { meanMagnitude } from '../../statistics/scale.ts';
import { isLevelStationary, needsSeasonalDifference } from '../../statistics/stationarity.ts';
import type {
  ContextOptions,
  Distribution,
  FitOptions,
  RowOptions,
  UnivariateFit,
  UnivariateModel,
} from '../../statistics/univariate.ts';
import type { Differenced } from './conditional.ts';
import { Factor } from './exact.ts';
import { fitOrder, type FittedOrder } from './fit-order.ts';
import { applyPolynomial, differencing, impulseWeights, multiply, type Order } from './polynomials.ts';
import { filter, type ArimaRecursion, type ArimaState } from './recursion.ts';
import { checkRegressors, combine } from './regression.ts';
import { searchOrders, type FoundOrder } from './search-orders.ts';

export interface ArimaParameters extends ArimaRecursion {
  readonly order: Order;
  /** The autoregression without differences: what the factor is made of. */
  readonly stationary: readonly number[];
  /** Mean of the differenced values. */
  readonly mean: number;
  /** Regressors of the fit, and which of them are used: others are combinations of those before them. */
  readonly regressors: { readonly count: number; readonly kept: readonly number[] };
  readonly fourier: readonly Fourier[];
  /** Of the regressors that are used, then of the sines and cosines. */
  readonly coefficients: readonly number[];
  readonly variance: number;
  readonly aicc: number;
}

export interface AutoArimaState extends ArimaState {
  /** The calendar's index of the next row. */
  readonly index: number;
}

/** Known rows. */
const MINIMUM_ROWS = 5;
/** Rows of the longest season that orders describe; longer ones get sines and cosines. */
const LONGEST_SEASON = 24;
/** Numbers of Fourier terms tried. */
const TERMS = [1, 2, 3, 4, 5, 6, 8, 10, 12] as const;

/**
 * Seasonal ARIMA with regressors, orders found stepwise (Hyndman and Khandakar 2008): a seasonal difference where the season is
 * strong, one ordinary difference at most by the KPSS test, conditional least squares on the way and the exact likelihood at the
 * end. Seasons above 24 rows become Fourier terms. Gaps: on the line between their neighbours in the fit, later as expected.
 */
export function createArima(): UnivariateModel<ArimaParameters, AutoArimaState> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: fitArima,
    update: (parameters, state, values, options = {}) => {
      const explained = explain(parameters, state.index, values.length, options);
      const rest = values.map((value, row) => value - (explained[row] ?? 0));
      const next = filter(parameters, state, rest, new Float64Array(values.length));
      return { ...next, index: state.index + values.length };
    },
    restart: (parameters, values, options: ContextOptions = {}) => {
      requireRows('AUTOARIMA', values, 1);
      const index = options.index ?? 0;
      const explained = explain(parameters, index, values.length, options);
      const { state } = begin(
        parameters,
        values.map((value, row) => value - (explained[row] ?? 0)),
      );
      return { ...state, index: index + values.length };
    },
    forecast,
  };
}

function fitArima(values: Float64Array, options: FitOptions): UnivariateFit<ArimaParameters, AutoArimaState> {
  requireRows('AUTOARIMA', values, MINIMUM_ROWS);
  const scale = meanMagnitude(values);
  const filled = interpolate(values).map((value) => value / scale);
  const { found, fourier, columns, kept, base } = search(filled, options);
  const rows = values.length - differencing(base).length;
  const regressors = { count: options.regressors?.length ?? 0, kept };
  const parameters = { ...parametersOf(found.best, scale, rows), fourier, regressors };
  const explained = combine(columns, parameters.coefficients, values.length);
  const { state, residuals } = begin(
    parameters,
    values.map((value, row) => value - (explained[row] ?? 0)),
  );
  const index = (options.index ?? 0) + values.length;
  const { evaluations, best } = found;
  return { parameters, state: { ...state, index }, residuals, evaluations, converged: best.converged };
}

interface Search {
  readonly found: FoundOrder;
  readonly fourier: readonly Fourier[];
  /** Those that the coefficients belong to. */
  readonly columns: readonly Float64Array[];
  readonly kept: readonly number[];
  readonly base: Order;
}

function search(values: Float64Array, options: FitOptions): Search {
  const { season, seasons = [season], regressors = [], index = 0, signal } = options;
  const rows = values.length;
  checkRegressors(regressors, regressors.length, rows);
  const ordered = season <= LONGEST_SEASON && rows > 2 * season ? season : 1;
  const D = needsSeasonalDifference(values, ordered) ? 1 : 0;
  const base = { p: 0, d: 0, q: 0, seasonal: [0, D, 0], season: ordered, constant: true } as const;
  const seasonally = applyPolynomial(differencing(base), values);
  const order = { ...base, d: isLevelStationary(seasonally) ? 0 : 1 };
  const difference = (column: Float64Array): Float64Array => applyPolynomial(differencing(order), column);
  const differenced = difference(values);
  const constant = order.d + D <= 1;
  const ones = constant ? [new Float64Array(differenced.length).fill(1)] : [];
  const independent = independentColumns([...ones, ...regressors.map(difference)]);
  const kept = independent.map((at) => at - ones.length).filter((at) => at >= 0);
  const known = regressors.filter((_, at) => kept.includes(at));
  const dataOf = (waves: readonly Float64Array[]): Differenced => ({
    values: differenced,
    columns: [...known, ...waves].map(difference),
  });
  const fourier: Fourier[] = [];
  const wavesOf = (of: readonly Fourier[]): Float64Array[] =>
    of.flatMap((one) => fourierColumns(one, index, rows));
  for (const long of seasons.filter((one) => one > LONGEST_SEASON && 2 * one <= rows)) {
    signal?.throwIfAborted();
    const terms = chooseTerms(long, (tried) =>
      criterion(order, dataOf(wavesOf([...fourier, { season: long, terms: tried }])), ones),
    );
    if (terms > 0) fourier.push({ season: long, terms });
  }
  const waves = wavesOf(fourier);
  const found = searchOrders({ data: dataOf(waves), base: { ...order, constant }, constant, signal });
  return { found, fourier, kept, columns: [...known, ...waves], base: order };
}

/** AICc of an autoregression that suits most series, to compare numbers of Fourier terms by. */
function criterion(base: Order, data: Differenced, ones: readonly Float64Array[]): number {
  const order = { ...base, p: 2, constant: ones.length > 0 };
  return fitOrder({ ...data, columns: [...ones, ...data.columns] }, order, 'conditional').aicc;
}

/** Grows until it has not paid twice. */
function chooseTerms(season: number, criterionOf: (terms: number) => number): number {
  let best = { terms: 0, aicc: criterionOf(0), failed: 0 };
  for (const terms of TERMS) {
    if (terms > season / 2 || best.failed === 2) break;
    const aicc = criterionOf(terms);
    best = aicc < best.aicc ? { terms, aicc, failed: 0 } : { ...best, failed: best.failed + 1 };
  }
  return best.terms;
}

type Found = Omit<ArimaParameters, 'fourier' | 'regressors'>;

/** In original units. */
function parametersOf(fitted: FittedOrder, scale: number, rows: number): Found {
  const { order, polynomials, likelihood, aicc, count } = fitted;
  // The variance is no parameter of the residuals.
  const freedom = Math.max(1, rows - count + 1);
  const [first = 0, ...others] = [...(order.constant ? [] : [0]), ...likelihood.coefficients];
  const mean = first * scale;
  const { ar, ma } = polynomials;
  const full = multiply(differencing(order), ar, 1);
  return {
    order,
    ar: full,
    ma,
    stationary: ar,
    mean,
    constant: mean * (1 - ar.reduce((sum, one) => sum + one, 0)),
    coefficients: others.map((one) => one * scale),
    variance: (likelihood.variance * scale ** 2 * rows) / freedom,
    aicc: aicc + 2 * rows * Math.log(scale),
  };
}

interface Begun {
  readonly state: ArimaState;
  readonly residuals: Float64Array;
}

/** From the first row on: exactly where the rows suffice, else as if all before them had been as the first. */
function begin(parameters: ArimaParameters, values: Float64Array): Begun {
  const { ar, ma, stationary, order, mean } = parameters;
  const filled = interpolate(values);
  const centred = applyPolynomial(differencing(order), filled).map((value) => value - mean);
  const polynomials = { ar: stationary, ma };
  const lost = filled.length - centred.length;
  const factor = centred.length > 0 ? new Factor(polynomials, centred.length) : undefined;
  const tail = factor?.tail();
  if (factor === undefined || tail === undefined || filled.length < ar.length) {
    const before = ar.map(() => filled[0] ?? 0);
    const start = { tail: before, innovations: ma.map(() => 0), factor: null };
    const fitted = new Float64Array(values.length);
    const state = filter(parameters, start, values, fitted);
    return { state, residuals: values.map((value, row) => value - (fitted[row] ?? 0)) };
  }
  const innovations = new Float64Array(centred.length);
  factor.innovate(centred, innovations);
  const residuals = values.map((value, row) =>
    Number.isNaN(value) || row < lost ? Number.NaN : (innovations[row - lost] ?? 0),
  );
  const last = (of: Float64Array, count: number): number[] => [...of.subarray(of.length - count)];
  return {
    state: { tail: last(filled, ar.length), innovations: last(innovations, ma.length), factor: tail },
    residuals,
  };
}

/** What regressors and Fourier terms say of these rows. */
function explain(
  { regressors, fourier, coefficients }: ArimaParameters,
  index: number,
  rows: number,
  { regressors: given = [] }: RowOptions,
): Float64Array {
  checkRegressors(given, regressors.count, rows);
  const waves = fourier.flatMap((one) => fourierColumns(one, index, rows));
  return combine(
    [...regressors.kept.map((at) => given[at] ?? new Float64Array(rows)), ...waves],
    coefficients,
    rows,
  );
}

function forecast(
  parameters: ArimaParameters,
  state: AutoArimaState,
  steps: number,
  options: RowOptions = {},
): Distribution {
  const path = new Float64Array(steps);
  filter(parameters, state, new Float64Array(steps).fill(Number.NaN), path);
  const explained = explain(parameters, state.index, steps, options);
  let sum = 0;
  const variance = impulseWeights(parameters, steps).map((weight) => {
    sum += weight * weight;
    return parameters.variance * sum;
  });
  return { mean: path.map((value, step) => value + (explained[step] ?? 0)), variance };
}
