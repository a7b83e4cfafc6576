import { describe, expect, it } from 'vitest';
import { createDemand } from './croston.ts';

/** Demands of 6, every third row. */
const demand = Float64Array.from({ length: 90 }, (_, row) => (row % 3 === 2 ? 6 : 0));

describe('CROSTON_SBA', () => {
  const model = createDemand('CROSTON_SBA');

  it('forecasts size over interval, less the bias of Syntetos and Boylan', () => {
    const { parameters, state } = model.fit(demand, { season: 1 });
    expect(state.interval).toBeCloseTo(3, 10);
    expect(model.forecast(parameters, state, 2).mean[1]).toBeCloseTo((1 - parameters.alpha / 2) * 2, 10);
  });

  it('keeps its forecast while there is no demand', () => {
    const { parameters, state } = model.fit(demand, { season: 1 });
    const after = model.update(parameters, state, new Float64Array(40));
    expect(model.forecast(parameters, after, 1).mean).toEqual(model.forecast(parameters, state, 1).mean);
  });
});

describe('TSB', () => {
  const model = createDemand('TSB');

  it('lets its forecast fall while there is no demand, by the smoothing parameter a row', () => {
    const { parameters, state } = model.fit(demand, { season: 1 });
    const before = model.forecast(parameters, state, 1).mean[0] ?? 0;
    const after = model.update(parameters, state, new Float64Array(40));
    const left = (1 - parameters.alpha) ** 40;
    expect(model.forecast(parameters, after, 1).mean[0]).toBeCloseTo(left * before, 10);
  });

  it('passes over missing rows', () => {
    const { parameters, state } = model.fit(demand, { season: 1 });
    expect(model.update(parameters, state, Float64Array.of(Number.NaN, Number.NaN))).toEqual(state);
  });
});
