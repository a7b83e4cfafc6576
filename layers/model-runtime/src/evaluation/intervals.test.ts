import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { seasonalSeries } from '../testing/series.ts';
import type { Forecast } from '../types.ts';
import { conformalHalfWidths, disjointWindows } from './conformal.ts';
import { intervalsOf, normalQuantile } from './intervals.ts';

/** Errors 1, 2, 3, … of the windows in turn, the same at each step. */
function calibration(windows: number, horizon: number, levels: readonly number[]) {
  const rows = windows * horizon;
  const origins = Int32Array.from({ length: windows }, (_, index) => index * horizon);
  const actual = new Float64Array(rows);
  const predicted = Float64Array.from({ length: rows }, (_, at) => Math.floor(at / horizon) + 1);
  const series = { ...seasonalSeries(rows), actual: { y: actual } };
  return conformalHalfWidths({
    backtest: { values: { y: predicted } },
    series,
    origins,
    horizon,
    targets: ['y'],
    levels,
  });
}

describe('conformal half widths', () => {
  it('are the error at place ceil((n + 1) level), of each step', () => {
    expect(calibration(19, 2, [80, 95])).toEqual({ '80': { y: [16, 16] }, '95': { y: [19, 19] } });
    expect(calibration(100, 1, [50])).toEqual({ '50': { y: [51] } });
  });

  it('are unknown where the disjoint windows are too few for the level', () => {
    expect(calibration(18, 2, [80, 95])).toEqual({ '80': { y: [16, 16] }, '95': { y: [null, null] } });
    expect(calibration(3, 2, [80])).toEqual({ '80': { y: [null, null] } });
  });

  it('count windows that do not overlap', () => {
    expect(disjointWindows(Int32Array.from([0, 1, 2, 3, 4, 5, 20]), 3)).toBe(3);
    expect(disjointWindows(new Int32Array(), 3)).toBe(0);
  });

  it('hold what they say on errors like those that they were taken from', () => {
    const random = createRandom(11);
    const noise = Float64Array.from({ length: 4000 }, () => random() - 0.5);
    const series = { ...seasonalSeries(4000), actual: { y: noise } };
    const origins = Int32Array.from({ length: 2000 }, (_, index) => index);
    const backtest = { values: { y: new Float64Array(2000) } };
    const widths = conformalHalfWidths({
      backtest,
      series,
      origins,
      horizon: 1,
      targets: ['y'],
      levels: [80],
    });
    const half = widths['80']?.['y']?.[0] ?? 0;
    const covered = noise.subarray(2000).filter((error) => Math.abs(error) <= half).length / 2000;
    expect(Math.abs(covered - 0.8)).toBeLessThan(0.03);
  });
});

describe('intervals', () => {
  const forecast: Forecast = {
    ts: Float64Array.from([1, 2, 3]),
    values: { y: Float64Array.from([10, 20, 30]) },
    deviations: { y: Float64Array.from([1, 2, 4]) },
    recursiveFromStep: null,
  };

  it('lie around the forecast, by the errors where they are known, else by the family’s own variance', () => {
    const { '80': narrow } = intervalsOf(forecast, { '80': { y: [3, null] } });
    expect(narrow?.['y']?.method).toBe('conformal');
    expect(narrow?.['y']?.lower[0]).toBe(7);
    expect(narrow?.['y']?.upper[1]).toBeCloseTo(20 + 2 * 1.2815515655, 8);
    expect(narrow?.['y']?.upper[2]).toBeCloseTo(30 + 4 * 1.2815515655, 8);
  });

  it('are never narrower at a higher level', () => {
    const both = intervalsOf(forecast, { '95': { y: [null, null] }, '80': { y: [9, null] } });
    expect(both['95']?.['y']?.lower[0]).toBe(1);
    expect(both['95']?.['y']?.upper[0]).toBe(19);
    expect(both['95']?.['y']?.method).toBe('model');
  });

  it('are null where nothing is known', () => {
    const { deviations: _none, ...plain } = forecast;
    const { '80': interval } = intervalsOf(plain, { '80': { y: [3] } });
    expect(interval?.['y']?.upper).toEqual([13, null, null]);
    expect(intervalsOf(plain, { '80': {} })['80']?.['y']?.method).toBeNull();
  });

  it.each([
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.9995, 3.2905267314918945],
  ])('take the normal quantile of %d', (share, quantile) => {
    expect(normalQuantile(share)).toBeCloseTo(quantile, 10);
  });
});
