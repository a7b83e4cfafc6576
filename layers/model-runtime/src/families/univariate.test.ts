import { describe, expect, it } from 'vitest';
import type { UnivariateModel } from '../statistics/univariate.ts';
import series from '../statistics/testing/series.json' with { type: 'json' };
import { createArima } from './arima/arima.ts';
import { createCes } from './ces/ces.ts';
import { createDemand } from './croston/croston.ts';
import { createDrift } from './drift/drift.ts';
import { createEts } from './ets/ets.ts';
import { createMfles } from './mfles/mfles.ts';
import { createMstl } from './mstl/mstl.ts';
import { createTheta } from './theta/theta.ts';

interface Behaviour {
  /** Points and variances after a fit on the first rows, an update with the rest, and the JSON of both on the way. */
  readonly ahead: (values: Float64Array, season: number, split: number) => Ahead;
  /** A fit on all but the last 17 rows, which are then given at once, and in two parts. */
  readonly updates: (values: Float64Array, season: number) => readonly [Ahead, Ahead];
  /** A fit whose signal is aborted from the beginning. */
  readonly aborted: (values: Float64Array) => void;
  readonly restarted: (values: Float64Array, season: number, context: Float64Array) => Ahead;
}

interface Ahead {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

const STEPS = 30;

function behaviourOf<P, S>(model: UnivariateModel<P, S>): Behaviour {
  const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  return {
    ahead: (values, season, split) => {
      const fit = model.fit(values.subarray(0, split), { season });
      const parameters = copy(fit.parameters);
      const state = model.update(parameters, copy(fit.state), values.subarray(split));
      expect(fit.residuals).toHaveLength(split);
      return model.forecast(parameters, copy(state), STEPS);
    },
    updates: (values, season) => {
      const { parameters, state } = model.fit(values.subarray(0, -17), { season });
      const once = model.update(parameters, state, values.subarray(-17));
      const half = model.update(parameters, state, values.subarray(-17, -5));
      const twice = model.update(parameters, copy(half), values.subarray(-5));
      return [model.forecast(parameters, once, STEPS), model.forecast(parameters, twice, STEPS)];
    },
    aborted: (values) => {
      model.fit(values, { season: 4, signal: AbortSignal.abort(new Error('stopped by the test')) });
    },
    restarted: (values, season, context) => {
      const { parameters } = model.fit(values, { season });
      return model.forecast(parameters, model.restart(copy(parameters), context), STEPS);
    },
  };
}

const FAMILIES: readonly (readonly [string, Behaviour])[] = [
  ['AUTOETS', behaviourOf(createEts())],
  ['AUTOTHETA', behaviourOf(createTheta())],
  ['AUTOCES', behaviourOf(createCes())],
  ['AUTOARIMA', behaviourOf(createArima())],
  ['CROSTON_SBA', behaviourOf(createDemand('CROSTON_SBA'))],
  ['TSB', behaviourOf(createDemand('TSB'))],
  ['DRIFT', behaviourOf(createDrift())],
  ['MFLES', behaviourOf(createMfles())],
  ['MSTL', behaviourOf(createMstl(createEts()))],
  ['MSTL with theta', behaviourOf(createMstl(createTheta()))],
];

const repeat = (rows: number, value: (row: number) => number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => value(row));

const wave = (row: number): number => 50 + row / 3 + 9 * Math.sin((row * Math.PI) / 2) + ((row * 7919) % 13);

const INPUTS: Readonly<Record<string, Float64Array>> = {
  constant: repeat(40, () => 7),
  'constant, negative': repeat(40, () => -3.25),
  zeros: repeat(40, () => 0),
  'a straight line': repeat(40, (row) => 5 + 2 * row),
  'a falling line through 0': repeat(40, (row) => 30 - 2 * row),
  'all negative': repeat(48, (row) => -wave(row)),
  'twelve rows': repeat(12, wave),
  'eight rows': repeat(8, wave),
  'mostly zeros': repeat(60, (row) => (row % 7 === 3 ? row % 5 : 0)),
  'a step of six orders': repeat(60, (row) => (row < 30 ? 1 : 1e6)),
  'a single spike': repeat(50, (row) => (row === 20 ? 1e9 : 1)),
  'gaps at the beginning, inside and at the end': repeat(48, (row) =>
    row < 2 || row === 17 || row === 18 || row > 46 ? Number.NaN : wave(row),
  ),
  'alternating signs': repeat(40, (row) => (row % 2 === 0 ? 10 : -10)),
  'an exact season': repeat(48, (row) => [3, 9, 1, 5][row % 4] ?? 0),
  growing: repeat(40, (row) => 1.5 ** row),
};

function finiteOrMessage(forecast: () => Ahead): string {
  try {
    const { mean, variance } = forecast();
    return mean.every(Number.isFinite) && variance.every(Number.isFinite) ? 'finite' : `${mean.join()}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

describe.each(FAMILIES)('%s', (name, { ahead, updates, aborted, restarted }) => {
  it.each(Object.keys(INPUTS))('forecasts finite values, of positive width or none: %s', (input) => {
    const values = INPUTS[input]!;
    for (const season of [1, 4, 12]) {
      for (const { mean, variance } of [
        ahead(values, season, values.length),
        restarted(values, season, values),
      ]) {
        expect(mean).toHaveLength(STEPS);
        expect(mean.every(Number.isFinite)).toBe(true);
        expect(variance.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      }
    }
  });

  it('has after a restart on the rows of the fit about the forecasts that it had after the fit', () => {
    for (const at of [1, 8, 11, 13, 16, 19]) {
      const { season, values } = series[at]!;
      const all = Float64Array.from(values);
      const again = restarted(all, season, all).mean;
      for (const [step, mean] of ahead(all, season, all.length).mean.entries())
        expect(Math.abs((again[step] ?? 0) / mean - 1)).toBeLessThan(0.01);
    }
  });

  it('restarts on contexts however short, or says how many rows it expected', () => {
    for (const { season, values } of [series[7]!, series[13]!]) {
      const all = Float64Array.from(values);
      for (const rows of [1, 2, 3, 5, 9, 14]) {
        expect(finiteOrMessage(() => restarted(all, season, all.subarray(-rows)))).toMatch(
          /^finite$|expected at least \d+ known rows, got \d+ of \d+$/,
        );
      }
    }
  });

  it('goes on with a constant', () => {
    for (const value of ahead(INPUTS['constant']!, 1, 40).mean) {
      // Croston's method takes its known bias off a constant too.
      expect(value).toBeLessThanOrEqual(7 + 1e-6);
      expect(value).toBeGreaterThanOrEqual(name === 'CROSTON_SBA' ? 5.9 : 7 - 1e-6);
    }
  });

  it('says of too few rows how many it expected', () => {
    for (const values of [new Float64Array(0), repeat(9, () => Number.NaN), repeat(1, () => 4)])
      expect(() => ahead(values, 4, values.length)).toThrow(/expected at least \d+ known rows, got [01] of/);
  });

  it('refuses values that are infinite', () => {
    const values = repeat(30, (row) => (row === 5 ? Number.POSITIVE_INFINITY : row));
    expect(() => ahead(values, 4, 30)).toThrow('expected finite values or NaN, got Infinity in row 5');
  });

  it('has after two updates the state of one', () => {
    for (const at of [0, 8, 15]) {
      const { season, values } = series[at]!;
      const [once, twice] = updates(Float64Array.from(values), season);
      for (const [step, mean] of once.mean.entries())
        expect((twice.mean[step] ?? 0) / mean).toBeCloseTo(1, 9);
      for (const [step, wide] of once.variance.entries())
        expect((twice.variance[step] ?? 0) / wide).toBeCloseTo(1, 9);
    }
  });

  it.each([1e12, 1e-9])('forecasts the same in units of %s', (scale) => {
    for (const { season, values } of [series[7]!, series[13]!]) {
      const all = Float64Array.from(values);
      const plain = ahead(all, season, all.length);
      const scaled = ahead(
        all.map((value) => value * scale),
        season,
        all.length,
      );
      for (const [step, mean] of plain.mean.entries()) {
        expect((scaled.mean[step] ?? 0) / scale / mean).toBeCloseTo(1, 5);
        expect((scaled.variance[step] ?? 0) / scale ** 2 / (plain.variance[step] ?? 0)).toBeCloseTo(1, 3);
      }
    }
  });

  it('stops between candidates where it is told to', () => {
    expect(() => aborted(repeat(40, wave))).toThrow('stopped by the test');
  });
});
