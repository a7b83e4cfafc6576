import { describe, expect, it } from 'vitest';
import series from '../../statistics/testing/series.json' with { type: 'json' };
import { createArima } from './arima.ts';
import { exact, Factor } from './exact.ts';
import { applyPolynomial, differencing, impulseWeights, multiply, type Order } from './polynomials.ts';
import { filter } from './recursion.ts';
import recorded from './testing/arima.json' with { type: 'json' };

const valuesOf = (at: number): Float64Array => Float64Array.from(series[at]?.values ?? []);
const times = (column: Float64Array, factor: number): Float64Array => column.map((value) => value * factor);
const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, row) => value + (b[row] ?? 0));

type Recorded = (typeof recorded.models)[number];

function orderOf({
  series: at,
  order: [p = 0, d = 0, q = 0],
  seasonal: [P = 0, D = 0, Q = 0],
}: Recorded): Order {
  return { p, d, q, seasonal: [P, D, Q], season: series[at]?.season ?? 1, constant: true };
}

interface Others {
  readonly intercept?: number;
  readonly drift?: number;
  readonly weekly?: number;
  readonly square?: number;
}

/** What R's coefficients beside the polynomials explain of rows counted from 1. */
function explained({ others }: Recorded, from: number, rows: number): Float64Array {
  const { intercept = 0, drift = 0, weekly = 0, square = 0 }: Others = others;
  return Float64Array.from({ length: rows }, (_, row) => {
    const at = from + row;
    return intercept + drift * at + weekly * (at % 7) + square * (at / 10) ** 2;
  });
}

describe('ARIMA at the parameters of R', () => {
  it.each(recorded.models.map((one) => [`${one.order.join()} ${one.seasonal.join()}`, one] as const))(
    '%s: the likelihood, points and variances of R',
    (_, one) => {
      const order = orderOf(one);
      const values = valuesOf(one.series);
      const rest = plus(values, times(explained(one, 1, values.length), -1));
      const differenced = applyPolynomial(differencing(order), rest);
      const { ar, ma } = one;
      const { value } = exact({ values: differenced, columns: [] })({ ar, ma });
      // R starts differenced models from a variance of a million instead of leaving their first rows out.
      expect(Math.abs(value + 2 * one.loglik)).toBeLessThan(order.d + order.seasonal[1] > 0 ? 1e-3 : 1e-6);

      const factor = new Factor({ ar, ma }, differenced.length);
      const innovations = new Float64Array(differenced.length);
      factor.innovate(differenced, innovations);
      const full = multiply(differencing(order), ar, 1);
      const last = (of: Float64Array, count: number): number[] => [...of.subarray(of.length - count)];
      const state = {
        tail: last(rest, full.length),
        innovations: last(innovations, ma.length),
        factor: factor.tail()!,
      };
      const path = new Float64Array(one.mean.length);
      filter(
        { ar: full, ma, constant: 0 },
        state,
        path.map(() => Number.NaN),
        path,
      );
      const ahead = plus(path, explained(one, values.length + 1, path.length));
      for (const [step, mean] of one.mean.entries())
        expect((ahead[step] ?? 0) / mean).toBeCloseTo(1, order.d + order.seasonal[1] > 0 ? 5 : 8);
      let sum = 0;
      const sums = impulseWeights({ ar: full, ma }, path.length).map((weight) => (sum += weight ** 2));
      for (const [step, deviation] of one.deviation.entries())
        expect(Math.sqrt((sums[step] ?? 0) * one.sigma2) / deviation).toBeCloseTo(1, 1);
    },
  );
});

describe('the likelihood of ARIMA', () => {
  it('is that of the dense covariance', () => {
    const ar = multiply([0.5, -0.3], [0.4], 4);
    const ma = multiply([-0.6], [-0.3], 4).map((one) => -one);
    const values = valuesOf(7).map((value, row) => value - 100 - row);
    const rows = values.length;
    const weights = impulseWeights({ ar, ma }, 3000);
    const covariance = (lag: number): number => {
      let sum = 0;
      for (let at = 0; at + lag < weights.length; at += 1)
        sum += (weights[at] ?? 0) * (weights[at + lag] ?? 0);
      return sum;
    };
    // Innovations by the general algorithm, Brockwell and Davis 1991, proposition 5.2.2.
    const theta = Array.from({ length: rows }, () => new Float64Array(rows));
    const variances = new Float64Array(rows);
    const errors = new Float64Array(rows);
    let determinant = 0;
    let squares = 0;
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        let sum = covariance(row - column);
        for (let k = 0; k < column; k += 1) sum -= theta[row]![k]! * theta[column]![k]! * variances[k]!;
        if (column === row) variances[row] = sum;
        else theta[row]![column] = sum / variances[column]!;
      }
      let error = values[row]!;
      for (let k = 0; k < row; k += 1) error -= theta[row]![k]! * errors[k]!;
      errors[row] = error;
      determinant += Math.log(variances[row]!);
      squares += error ** 2 / variances[row]!;
    }
    const dense = rows * (Math.log(squares / rows) + 1 + Math.log(2 * Math.PI)) + determinant;
    expect(exact({ values, columns: [] })({ ar, ma }).value).toBeCloseTo(dense, 8);
  });
});

describe('AUTOARIMA', () => {
  const model = createArima();

  it('ends its search at most .5 AICc above that of R on 19 of 20 series', () => {
    const worse = series.filter(({ season, values }, at) => {
      const theirs = recorded.searches[at]!;
      const { parameters } = model.fit(Float64Array.from(values), { season });
      const { order } = parameters;
      expect([order.d, order.seasonal[1]]).toEqual([theirs.order[1], theirs.order[4] ?? 0]);
      return parameters.aicc > theirs.aicc + 0.5;
    });
    expect(worse.length).toBeLessThanOrEqual(1);
  });

  it('uses regressors, less those that are combinations of others, and asks for them later', () => {
    const rows = 90;
    const first = Float64Array.from({ length: rows + 5 }, (_, row) => (row * 37) % 11);
    const second = Float64Array.from({ length: rows + 5 }, (_, row) => ((row * 53) % 17) - 8);
    const both = first.map((value, row) => 2 * value - 3 * (second[row] ?? 0));
    const noise = valuesOf(19);
    const values = first.map((value, row) => 3 * value - 2 * (second[row] ?? 0) + (noise[row] ?? 0) / 10);
    const known = [first, second, both];
    const part = (from: number, to: number): Float64Array[] =>
      known.map((column) => column.subarray(from, to));
    const { parameters, state } = model.fit(values.subarray(0, rows), {
      season: 1,
      regressors: part(0, rows),
    });
    expect(parameters.regressors).toEqual({ count: 3, kept: [0, 1] });
    expect(parameters.coefficients[0]).toBeCloseTo(3, 1);
    expect(parameters.coefficients[1]).toBeCloseTo(-2, 1);
    const { mean } = model.forecast(parameters, state, 5, { regressors: part(rows, rows + 5) });
    for (const [step, value] of mean.entries())
      expect(Math.abs(value - values[rows + step]!)).toBeLessThan(3);
    expect(() => model.forecast(parameters, state, 5)).toThrow(
      'expected 3 regressors of 5 rows, got 0 regressors',
    );
    const update = (): unknown =>
      model.update(parameters, state, Float64Array.of(1, 2), { regressors: part(0, 3) });
    expect(update).toThrow('expected 3 regressors of 2 rows, got 3 rows in regressor 0');
  });

  it('describes a season above 24 rows by Fourier terms, in the phase of the calendar', () => {
    const season = 48;
    const wave = (row: number): number =>
      50 + 10 * Math.sin((2 * Math.PI * row) / season) + 4 * Math.cos((6 * Math.PI * row) / season);
    const values = Float64Array.from(
      { length: 300 },
      (_, row) => wave(row + 1000) + ((row * 7919) % 13) / 13,
    );
    const { parameters, state } = model.fit(values, { season, index: 1000 });
    expect(parameters.order.seasonal).toEqual([0, 0, 0]);
    expect(parameters.fourier).toEqual([{ season, terms: 3 }]);
    const restarted = model.restart(parameters, values.subarray(250), { index: 1250 });
    for (const from of [state, restarted])
      for (const [step, value] of model.forecast(parameters, from, 40).mean.entries())
        expect(Math.abs(value - wave(1300 + step))).toBeLessThan(2);
  });
});
