import type { Distribution } from '../../statistics/univariate.ts';
import type { Form, FormState, Smoothing } from './form.ts';

interface ForecastOf {
  readonly form: Form;
  readonly state: FormState;
  readonly smoothing: Smoothing;
  readonly variance: number;
}

/** Points: the recursion without errors. Variances: Hyndman et al. 2008, table 6.1 and section 6.3, and 6.4 for ratios. */
export function forecastForm(of: ForecastOf, steps: number): Distribution {
  const { form, state } = of;
  const bases = extrapolate(of, steps);
  const seasons = Float64Array.from(
    { length: steps },
    (_, step) => state.season[step % state.season.length] ?? 0,
  );
  const weights = errorWeights(of, steps);
  if (form.season === 'M') return ratios(of, bases, seasons, weights);
  const mean = bases.map((base, step) => base + (seasons[step] ?? 0));
  return { mean, variance: form.error === 'A' ? additive(of, weights) : relative(of, mean, weights) };
}

/** Level and damped trend of each step. */
function extrapolate({ state, smoothing }: ForecastOf, steps: number): Float64Array {
  let { level, trend } = state;
  const bases = new Float64Array(steps);
  for (let step = 0; step < steps; step += 1) {
    trend *= smoothing.phi;
    level += trend;
    bases[step] = level;
  }
  return bases;
}

/** What an error does to the forecasts 1, 2, … rows after it (c_j), less a multiplicative season. */
function errorWeights({ form, state, smoothing }: ForecastOf, steps: number): Float64Array {
  const { alpha, beta, gamma, phi } = smoothing;
  const period = state.season.length;
  let damping = 1;
  let dampings = 0;
  return Float64Array.from({ length: steps }, (_, before) => {
    damping *= phi;
    dampings += damping;
    const seasonal = form.season === 'A' && (before + 1) % period === 0 ? gamma : 0;
    return alpha + beta * dampings + seasonal;
  });
}

/** Equation 6.1: errors of one size. */
function additive({ variance }: ForecastOf, weights: Float64Array): Float64Array {
  let sum = 1;
  return weights.map((weight) => {
    const here = variance * sum;
    sum += weight ** 2;
    return here;
  });
}

/** Expected squares of the forecasts, whose errors are in proportion to them (theta of equation 6.2). */
function expectedSquares(variance: number, mean: Float64Array, weights: Float64Array): Float64Array {
  const squares = new Float64Array(mean.length);
  for (let step = 0; step < mean.length; step += 1) {
    let sum = 0;
    for (let before = 1; before <= step; before += 1)
      sum += (weights[before - 1] ?? 0) ** 2 * (squares[step - before] ?? 0);
    squares[step] = (mean[step] ?? 0) ** 2 + variance * sum;
  }
  return squares;
}

function relative({ variance }: ForecastOf, mean: Float64Array, weights: Float64Array): Float64Array {
  return expectedSquares(variance, mean, weights).map(
    (square, step) => (1 + variance) * square - (mean[step] ?? 0) ** 2,
  );
}

/** Section 6.4: exact within the first season, close to it later. */
function ratios(
  of: ForecastOf,
  bases: Float64Array,
  seasons: Float64Array,
  weights: Float64Array,
): Distribution {
  const { variance, state, smoothing } = of;
  const squares = expectedSquares(variance, bases, weights);
  return {
    mean: bases.map((base, step) => base * (seasons[step] ?? 0)),
    variance: squares.map((square, step) => {
      const grown = (1 + smoothing.gamma ** 2 * variance) ** Math.floor(step / state.season.length);
      return (seasons[step] ?? 0) ** 2 * (square * (1 + variance) * grown - (bases[step] ?? 0) ** 2);
    }),
  };
}
