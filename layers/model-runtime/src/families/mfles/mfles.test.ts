import { describe, expect, it } from 'vitest';
import { createMfles } from './mfles.ts';

const model = createMfles();

/** Two seasons in proportion to a level that grows. */
const hourly = (row: number): number =>
  (200 + row / 10) *
  (1 + 0.3 * Math.sin((2 * Math.PI * row) / 24) + 0.1 * Math.cos((2 * Math.PI * row) / 168)) *
  (1 + (((row * 7919) % 13) - 6) / 600);

describe('MFLES', () => {
  it('goes on with two seasons in proportion to the level, in logarithms', () => {
    const values = Float64Array.from({ length: 900 }, (_, row) => hourly(row));
    const { parameters, state } = model.fit(values.subarray(0, 800), { season: 24, seasons: [24, 168] });
    expect(parameters.seasons).toEqual([24, 168]);
    const later = model.update(parameters, state, values.subarray(800));
    for (const [rows, from] of [
      [800, state],
      [900, later],
    ] as const)
      for (const [step, value] of model.forecast(parameters, from, 48).mean.entries())
        expect(Math.abs(value / hourly(rows + step) - 1)).toBeLessThan(0.06);
  });

  it('bends where the trend does', () => {
    const bent = Float64Array.from({ length: 120 }, (_, row) => (row < 60 ? 100 + row : 220 - row));
    const { parameters, state } = model.fit(bent, { season: 1 });
    expect(parameters.configuration.bends).toBeGreaterThan(0);
    const { mean } = model.forecast(parameters, state, 5);
    for (const [step, value] of mean.entries()) expect(Math.abs(value - (100 - step))).toBeLessThan(6);
  });

  it('forecasts a state that a restart made from the same rows alike', () => {
    const values = Float64Array.from({ length: 300 }, (_, row) => hourly(row));
    const { parameters, state } = model.fit(values, { season: 24 });
    expect(model.restart(parameters, values)).toEqual(state);
  });
});
