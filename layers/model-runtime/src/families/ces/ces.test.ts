import { describe, expect, it } from 'vitest';
import series from '../../statistics/testing/series.json' with { type: 'json' };
import { createCes } from './ces.ts';
import {
  createRings,
  filter,
  setRings,
  stateOf,
  type CesForm,
  type CesSmoothing,
  type CesState,
} from './recursion.ts';
import { countParameters } from './search.ts';
import recorded from './testing/ces.json' with { type: 'json' };

const valuesOf = (at: number): Float64Array => Float64Array.from(series[at]?.values ?? []);

interface Pass {
  readonly squares: number;
  readonly last: CesState;
  readonly mean: Float64Array;
}

interface Model {
  readonly form: CesForm;
  readonly smoothing: CesSmoothing;
  readonly initial: CesState;
}

function walk({ form, smoothing, initial }: Model, values: Float64Array): Pass {
  const rings = createRings(form, Math.max(initial.seasons.length, initial.levels.length));
  setRings(rings, initial);
  const squares = filter(values, rings, { form, smoothing }, { fitted: new Float64Array(values.length) });
  const last = stateOf(rings);
  const mean = new Float64Array(10);
  filter(new Float64Array(10).fill(Number.NaN), rings, { form, smoothing }, { fitted: mean });
  return { squares, last, mean };
}

/** JSON widens pairs to lists. */
const modelOf = (one: (typeof recorded.models)[number] | (typeof recorded.searches)[number]): Model => ({
  ...one,
  form: one.form as CesForm,
  smoothing: one.smoothing as unknown as CesSmoothing,
});

describe('CES', () => {
  it.each(recorded.models)('$form: has at the parameters of statsforecast its states and points', (one) => {
    const { last, mean } = walk(modelOf(one), valuesOf(one.series));
    const flat = (state: CesState): number[] => Object.values(state).flat();
    for (const [at, value] of flat(last).entries())
      expect(value).toBeCloseTo(flat({ ...one.last })[at] ?? Number.NaN, 7);
    for (const [step, value] of one.mean.entries()) expect((mean[step] ?? 0) / value).toBeCloseTo(1, 8);
  });

  it('ends its search at most .5 AICc above that of statsforecast on 19 of 20 series', () => {
    const model = createCes({ forms: ['none', 'simple', 'partial', 'full'] });
    const aicc = (squares: number, rows: number, count: number): number =>
      rows * Math.log(squares) + 2 * count + (2 * count * (count + 1)) / (rows - count - 1);
    const worse = series.filter(({ season, values }, at) => {
      const all = Float64Array.from(values);
      const peer = modelOf(recorded.searches[at]!);
      const theirs = aicc(walk(peer, all).squares, all.length, countParameters(peer.form, season));
      const { parameters, residuals } = model.fit(all, { season });
      const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
      return aicc(squares, all.length, countParameters(parameters.form, season)) > theirs + 0.5;
    });
    expect(worse.length).toBeLessThanOrEqual(1);
  });

  it('goes over a gap as expected', () => {
    const model = createCes();
    const { parameters, state } = model.fit(valuesOf(15), { season: 1 });
    const { mean } = model.forecast(parameters, state, 3);
    const gap = model.update(parameters, state, Float64Array.of(Number.NaN, Number.NaN));
    const after = model.forecast(parameters, gap, 1).mean[0] ?? Number.NaN;
    expect(after).toBeCloseTo(mean[2] ?? 0, 10);
  });
});
