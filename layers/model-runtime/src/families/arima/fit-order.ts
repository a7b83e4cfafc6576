import { minimise } from '../../statistics/minimise.ts';
import { withDifferences } from '../../statistics/numeric-gradient.ts';
import { conditional, type Differenced, type Likelihood } from './conditional.ts';
import { exact } from './exact.ts';
import { polynomialsOf, type Order, type Polynomials } from './polynomials.ts';

/** Passes for one order at most, those of the gradient not counted. */
const SEARCH = { evaluations: 40, tolerance: 1e-3 };
/** A model with a partial autocorrelation beyond is close to one with a difference more, or fewer, and forecasts worse. */
const LARGEST_PARTIAL = 0.97;
/** Where the search begins, moving averages at 0: autoregressions there too would cancel them. */
const START_AR = 0.1;

export interface FittedOrder {
  readonly order: Order;
  /** From which the polynomials come; partial autocorrelations by their hyperbolic tangent. */
  readonly numbers: Float64Array;
  readonly polynomials: Polynomials;
  readonly likelihood: Likelihood;
  /** Free coefficients, the columns' too, and the variance. */
  readonly count: number;
  readonly aicc: number;
  /** AICc, infinite where the order does not fit the rows or a partial autocorrelation is too large. */
  readonly criterion: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

export type Method = 'conditional' | 'exact';

/** Maximum likelihood of one order. `data` has a column of ones first where the order has a constant. */
export function fitOrder(data: Differenced, order: Order, method: Method, from?: Float64Array): FittedOrder {
  const { p, q, seasonal } = order;
  const evaluate = method === 'exact' ? exact(data) : conditional(data);
  const start = from ?? new Float64Array(p + q + seasonal[0] + seasonal[2]).fill(START_AR, 0, p);
  const likelihoodOf = (x: Float64Array): number => evaluate(polynomialsOf(order, x)).value;
  if (start.length === 0) return takeOrder(data, order, method, start);
  const minimum = minimise(withDifferences(likelihoodOf), start, SEARCH);
  const evaluations = 1 + minimum.evaluations * (1 + start.length);
  return { ...takeOrder(data, order, method, minimum.x), evaluations, converged: minimum.converged };
}

/** The order at these numbers, without a search. */
export function takeOrder(
  data: Differenced,
  order: Order,
  method: Method,
  numbers: Float64Array,
): FittedOrder {
  const polynomials = polynomialsOf(order, numbers);
  const likelihood = (method === 'exact' ? exact(data) : conditional(data))(polynomials);
  const count = numbers.length + data.columns.length + 1;
  const freedom = data.values.length - count - 1;
  const aicc = likelihood.value + 2 * count + (2 * count * (count + 1)) / freedom;
  const near = numbers.some((number) => Math.abs(Math.tanh(number)) > LARGEST_PARTIAL);
  const criterion = freedom > 0 && !near && Number.isFinite(aicc) ? aicc : Number.POSITIVE_INFINITY;
  return { order, numbers, polynomials, likelihood, count, aicc, criterion, evaluations: 1, converged: true };
}
