import { describe, expect, it } from 'vitest';
import series from '../../statistics/testing/series.json' with { type: 'json' };
import { filter, linesOf, startState } from './recursion.ts';
import { fitTheta, type Variant } from './search.ts';
import recorded from './testing/theta.json' with { type: 'json' };
import { createTheta } from './theta.ts';

const values = Float64Array.from(series[recorded.series]?.values ?? []);

describe.each(recorded.models)('$variant', ({ variant, parameters, last, fitted, mean, squares }) => {
  it('has at the parameters of statsforecast its states, one-step forecasts and points', () => {
    const dynamic = variant.startsWith('D');
    const line = { alpha: parameters.alpha, weight: 1 - 1 / parameters.theta, dynamic };
    const own = new Float64Array(values.length);
    const start = startState(linesOf(values, dynamic), parameters.initial_smoothed);
    const state = filter(line, start, values, own);
    const [level = 0, , intercept = 0, slope = 0] = last;
    expect(state.level / level).toBeCloseTo(1, 8);
    expect(state.intercept / intercept).toBeCloseTo(1, 8);
    expect(state.slope / slope).toBeCloseTo(1, 8);
    // statsforecast lets a moving line begin with the first value itself.
    for (let row = dynamic ? 1 : 0; row < own.length; row += 1)
      expect((own[row] ?? 0) / (fitted[row] ?? 0)).toBeCloseTo(1, 8);
    const path = new Float64Array(mean.length);
    filter(line, state, new Float64Array(mean.length).fill(Number.NaN), path);
    for (const [step, value] of mean.entries()) expect((path[step] ?? 0) / value).toBeCloseTo(1, 8);
  });

  it('is fitted at least as closely as by statsforecast', () => {
    expect(fitTheta(values, variant as Variant).squares).toBeLessThan(squares * 1.002);
  });
});

describe('AUTOTHETA', () => {
  it('has the variance that errors in each step add up to', () => {
    const model = createTheta({ variants: ['DOTM'], combine: 'best' });
    const { parameters, state } = model.fit(values, { season: 1 });
    const [member] = parameters.members;
    const [from] = state.states;
    const { variance } = model.forecast(parameters, state, 6);
    // What an error in step i does to step j, by walking the recursion with and without it.
    const walk = (shocks: readonly number[]): Float64Array => {
      const fitted = new Float64Array(1);
      let at = from!;
      return Float64Array.from(shocks, (shock) => {
        filter(member!.line, at, Float64Array.of(Number.NaN), fitted);
        const value = (fitted[0] ?? 0) + shock;
        at = filter(member!.line, at, Float64Array.of(value), fitted);
        return value;
      });
    };
    const plain = walk([0, 0, 0, 0, 0, 0]);
    const sums = new Float64Array(6);
    for (let shocked = 0; shocked < 6; shocked += 1) {
      const moved = walk(plainShock(shocked));
      for (const step of sums.keys())
        sums[step] = (sums[step] ?? 0) + ((moved[step] ?? 0) - (plain[step] ?? 0)) ** 2;
    }
    for (const [step, sum] of sums.entries())
      expect((variance[step] ?? 0) / (sum * (member?.variance ?? 0))).toBeCloseTo(1, 6);
  });

  it('takes the season out by ratios and puts it back where the calendar says', () => {
    const model = createTheta();
    const ratios = [0.8, 1.3, 1, 0.9];
    const seasonal = Float64Array.from({ length: 44 }, (_, row) => (100 + row) * (ratios[row % 4] ?? 0));
    const { parameters, state } = model.fit(seasonal, { season: 4, index: 7 });
    expect(parameters.kind).toBe('multiplicative');
    const { mean } = model.forecast(parameters, state, 8);
    for (const [step, value] of mean.entries())
      expect(value / ((144 + step) * (ratios[step % 4] ?? 0))).toBeCloseTo(1, 1);
    const restarted = model.restart(parameters, seasonal.subarray(30), { index: 37 });
    expect(restarted.phase).toBe(state.phase);
    const again = model.forecast(parameters, restarted, 8).mean;
    for (const [step, value] of mean.entries()) expect((again[step] ?? 0) / value).toBeCloseTo(1, 1);
  });
});

function plainShock(at: number): number[] {
  return Array.from({ length: 6 }, (_, step) => (step === at ? 1 : 0));
}
