import { describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { Columns, Forecast, ModelInfo, Series } from '../types.ts';
import type { Forecaster } from './forecaster.ts';
import { infoOf } from './family.ts';
import { familyOf } from './index.ts';
import { bestSeason } from './seasonal-naive/seasonal-naive.ts';
import { loadForecaster } from './load.ts';
import { trainModel } from './train.ts';

const HOUR_MS = 3_600_000;
const scaler = { format: 'flts-scaler/1', kind: 'none', columns: {} } as const;
const rising = Float64Array.from({ length: 10 }, (_, row) => row);

const info: ModelInfo = {
  modelType: 'NAIVE',
  contextRows: 1,
  horizon: null,
  roles: { targets: ['y'], past: [], future: [] },
  calendar: { timeZone: 'UTC', features: [] },
  frequency: { stepMs: HOUR_MS, businessDays: false },
};

/** A model of the given numbers, as it is loaded. */
function loaded(type: string, parameters: object, own: ModelInfo = info): Promise<Forecaster> {
  const model = { format: 'flts-baseline/1', info: { ...own, modelType: type }, parameters };
  return familyOf(type).load(model, [], {});
}

async function forecast(type: string, season: number, window: number, steps = 5): Promise<Forecast> {
  const context = { ts: rising.map((row) => row * HOUR_MS), columns: { y: rising } };
  return (await loaded(type, { season, window })).forecast({ scaler, context, steps });
}
const values = (got: { values: Columns }): number[] => [...(got.values['y'] ?? [])];

describe('a baseline', () => {
  it('NAIVE repeats the last value', async () => {
    const got = await forecast('NAIVE', 0, 3);
    expect(values(got)).toEqual([9, 9, 9, 9, 9]);
    expect([...got.ts]).toEqual([10, 11, 12, 13, 14].map((row) => row * HOUR_MS));
    expect(got.recursiveFromStep).toBeNull();
  });

  it('SEASONAL_NAIVE repeats the last season, over and over', async () => {
    expect(values(await forecast('SEASONAL_NAIVE', 3, 1, 7))).toEqual([7, 8, 9, 7, 8, 9, 7]);
  });

  it('SEASONAL_NAIVE without a season, or with one longer than its context, is NAIVE', async () => {
    expect(values(await forecast('SEASONAL_NAIVE', 0, 1, 2))).toEqual([9, 9]);
    expect(values(await forecast('SEASONAL_NAIVE', 11, 1, 2))).toEqual([9, 9]);
  });

  it('MEAN_WINDOW repeats the mean of its window', async () => {
    expect(values(await forecast('MEAN_WINDOW', 0, 4, 2))).toEqual([7.5, 7.5]);
  });

  it.each([
    ['NAIVE', [3, 3, 3, 7, 7, 7]],
    ['SEASONAL_NAIVE', [2, 3, 2, 6, 7, 6]],
    ['MEAN_WINDOW', [2, 2, 2, 6, 6, 6]],
  ] as const)('%s is the same in a backtest, from rows before the origin alone', async (type, expected) => {
    const baseline = await loaded(type, { season: 2, window: 3 });
    const series = { ts: rising, block: new Int32Array(10), columns: { y: rising }, actual: {} };
    const origins = Int32Array.from([4, 8]);
    expect(values(baseline.backtest({ scaler, series, origins, horizon: 3 }))).toEqual(expected);
  });

  it('says how many rows it needs, and which column is missing', async () => {
    const seasonal = await loaded('SEASONAL_NAIVE', { season: 24, window: 1 }, { ...info, contextRows: 24 });
    const context = { ts: rising, columns: { y: rising } };
    expect(() => seasonal.forecast({ scaler, context, steps: 1 })).toThrow(
      expect.objectContaining({
        code: 'insufficient_rows',
        message: expect.stringMatching(/at least 24 rows.*got 10/u),
      }),
    );
    const naive = await loaded('NAIVE', { season: 0, window: 1 });
    expect(() => naive.forecast({ scaler, context: { ts: rising, columns: {} }, steps: 1 })).toThrow(
      expect.objectContaining({ code: 'feature_count_mismatch', message: expect.stringContaining('y') }),
    );
  });
});

describe('the season of SEASONAL_NAIVE', () => {
  it('is the one that forecasts validate best', () => {
    const task = taskOf('SEASONAL_NAIVE', seasonalSeries(240));
    expect(bestSeason({ ...task, seasonalPeriods: [12, 24, 7] })).toBe(24);
    expect(bestSeason({ ...task, seasonalPeriods: [12, 7] })).toBe(7);
  });

  it('is 0 where none is given, or none fits in', () => {
    const task = taskOf('SEASONAL_NAIVE', seasonalSeries(240));
    expect(bestSeason({ ...task, seasonalPeriods: [] })).toBe(0);
    expect(bestSeason({ ...task, seasonalPeriods: [1000] })).toBe(0);
    expect(bestSeason({ ...task, seasonalPeriods: [1000, 24] })).toBe(24);
  });

  it('is judged on origins that all candidates have', () => {
    // After a gap, 50 flat rows that season 1 alone can be tried on, and forecasts exactly; on the rest it is worse.
    const rows = 400;
    const steps = [0, -0.5, 0.52, 1.54];
    const y = Float64Array.from({ length: rows }, (_, row) => {
      const fifty = Math.floor((row - 200) / 50);
      return row < 200 ? row % 3 : fifty === 0 ? 0 : (steps[fifty] ?? 0) + (row % 2);
    });
    const series: Series = {
      ...seasonalSeries(rows),
      block: Int32Array.from({ length: rows }, (_, row) => (row < 200 ? 0 : 1)),
      columns: { y },
      actual: { y },
    };
    const task = {
      ...taskOf('SEASONAL_NAIVE', series, { outputSeqLen: 1 }),
      segments: {
        fit: { start: 0, end: 100 },
        validate: { start: 200, end: 400 },
        select: { start: 400, end: 400 },
        test: { start: 400, end: 400 },
      },
      roles: { targets: ['y'], past: [], future: [] },
      seasonalPeriods: [1, 50],
    };
    expect(bestSeason(task)).toBe(50);
  });
});

describe('a trained baseline', () => {
  it.each([
    ['NAIVE', 1, {}],
    ['SEASONAL_NAIVE', 24, { season: 24 }],
    ['MEAN_WINDOW', 12, {}],
  ] as const)(
    '%s says how many rows it wants, and answers the same once loaded',
    async (type, rows, params) => {
      const task = taskOf(type, seasonalSeries(240));
      const trained = await trainModel(task);
      expect([trained.modelType, trained.params, trained.history]).toEqual([type, params, []]);
      const model = await loadForecaster(trained.files);
      expect(model.info).toEqual({ ...infoOf(task, rows), horizon: null });
      const own = await loaded(type, { season: 24, window: 12 }, infoOf(task, rows));
      const of = { scaler: task.scaler, series: task.series, origins: Int32Array.from([100]), horizon: 30 };
      expect(model.backtest(of)).toEqual(own.backtest(of));
    },
  );
});
