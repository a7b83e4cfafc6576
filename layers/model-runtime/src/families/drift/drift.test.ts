import { expect, it } from 'vitest';
import { createDrift } from './drift.ts';

it('goes on with the line through the first and the last value, wider with each step', () => {
  const model = createDrift();
  const { parameters, state, residuals } = model.fit(Float64Array.of(1, 4, 3, 7), { season: 1 });
  expect(parameters).toMatchObject({ slope: 2, variance: (1 + 9 + 4) / 2, changes: 3 });
  expect(residuals).toEqual(Float64Array.of(Number.NaN, 1, -3, 2));
  const { mean, variance } = model.forecast(parameters, state, 3);
  expect(mean).toEqual(Float64Array.of(9, 11, 13));
  for (const [step, width] of [7 * (4 / 3), 14 * (5 / 3), 21 * 2].entries())
    expect(variance[step]).toBeCloseTo(width, 10);
});

it('goes on over rows that are missing', () => {
  const model = createDrift();
  const { parameters, state } = model.fit(Float64Array.of(1, Number.NaN, 5), { season: 1 });
  const later = model.update(parameters, state, Float64Array.of(Number.NaN));
  expect(model.forecast(parameters, later, 1).mean).toEqual(Float64Array.of(9));
});
