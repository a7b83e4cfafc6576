import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import type { ModelInfo } from '../../types.ts';
import { fitProphet } from './fit.ts';
import { prophetAt, prophetForecaster, type ProphetParameters } from './forecast.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2024, 0, 1);

const timesOf = (rows: number, step = HOUR_MS): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => START + row * step);

const TRAINED = 5 * 168;
const ts = timesOf(TRAINED + 72);

/** A trend, a day, a week, and noise of deviation 1.15. */
const truth = ts.map((_, row) => {
  const wave = (period: number): number => Math.sin((2 * Math.PI * row) / period);
  return 100 + 0.05 * row + 20 * wave(24) + 8 * wave(168);
});
const random = createRandom(5);
const noisy = truth.map((value) => value + 4 * (random() - 0.5));

const info: ModelInfo = {
  modelType: 'PROPHET',
  contextRows: 0,
  horizon: null,
  roles: { targets: ['load'], past: [], future: [] },
  calendar: { timeZone: 'UTC', features: [] },
  frequency: { stepMs: HOUR_MS, businessDays: false },
};

function farthest(parameters: ProphetParameters, from: number, to: number): number {
  let most = 0;
  for (let row = from; row < to; row += 1)
    most = Math.max(most, Math.abs(prophetAt(parameters, ts[row] ?? 0) - (truth[row] ?? 0)));
  return most;
}

describe('PROPHET', async () => {
  const fitted = await fitProphet(ts.subarray(0, TRAINED), noisy.subarray(0, TRAINED), 42);

  it('follows trend, day and week three days beyond what it saw', () => {
    expect(farthest(fitted, TRAINED, TRAINED + 72)).toBeLessThan(2.5);
  });

  it('has 25 potential changes of trend in the first 80 % of the history', () => {
    expect(fitted.changes).toHaveLength(25);
    expect(Math.max(...fitted.changes)).toBeCloseTo(0.8, 2);
    expect(fitted.seasonalities.map(({ period }) => period)).toEqual([7, 1]);
  });

  it('leaves missing values out, however many stand together', async () => {
    const gaps = noisy.map((value, row) => (row % 5 === 0 || (row > 300 && row < 400) ? Number.NaN : value));
    const of = await fitProphet(ts.subarray(0, TRAINED), gaps.subarray(0, TRAINED), 42);
    expect(farthest(of, 0, TRAINED + 72)).toBeLessThan(4);
  });

  it('fitted twice has the same parameters, and they survive JSON', async () => {
    const again = await fitProphet(ts.subarray(0, TRAINED), noisy.subarray(0, TRAINED), 42);
    expect(again).toEqual(fitted);
    expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted);
  });

  it.each([7, -0.1, 0])('goes on with a target that is always %d', async (constant) => {
    const days = timesOf(200);
    const still = await fitProphet(days, new Float64Array(200).fill(constant), 42);
    expect(prophetAt(still, START + 500 * HOUR_MS)).toBeCloseTo(constant, 9);
  });

  it('fits a history of a few rows', async () => {
    const line = await fitProphet(timesOf(6), Float64Array.from([1, 2, 3, 4, 5, 6]), 42);
    expect(prophetAt(line, START + 6 * HOUR_MS)).toBeCloseTo(7, 1);
  });

  it('says so where the optimizer finds no answer', async () => {
    await expect(fitProphet(timesOf(3), Float64Array.from([1, 2, 4]), 42)).rejects.toMatchObject({
      code: 'fit_failed',
      retryable: false,
    });
  });

  it('needs two known values, and says how many there are', async () => {
    const values = Float64Array.from([Number.NaN, 1, Number.NaN]);
    await expect(fitProphet(timesOf(3), values, 42)).rejects.toMatchObject({
      code: 'insufficient_rows',
      message: expect.stringContaining('got 1'),
    });
  });
});

describe('the seasons of PROPHET', () => {
  const periods = async (times: Float64Array, values?: Float64Array): Promise<number[]> => {
    const fitted = await fitProphet(times, values ?? times.map((_, row) => row % 3), 42);
    return fitted.seasonalities.map(({ period }) => period);
  };

  it('are those of which the history holds two and its spacing shows', async () => {
    expect(await periods(timesOf(47))).toEqual([365.25]);
    expect(await periods(timesOf(49))).toEqual([1]);
    expect(await periods(timesOf(20, DAY_MS))).toEqual([7]);
    expect(await periods(timesOf(110, 7 * DAY_MS))).toEqual([365.25]);
    expect(await periods(timesOf(740, DAY_MS))).toEqual([365.25, 7]);
  });

  it('go by the narrowest spacing, as where most rows of an hourly series are missing', async () => {
    const hours = timesOf(20 * 24);
    const sparse = hours.map((_, row) => (row % 72 < 2 ? row % 5 : Number.NaN));
    expect(await periods(hours, sparse)).toEqual([7, 1]);
  });
});

describe('a forecast of PROPHET', async () => {
  const parameters = await fitProphet(ts.subarray(0, 240), noisy.subarray(0, 240), 42);
  const forecaster = prophetForecaster({ load: parameters }, info);
  const scaler = { format: 'flts-scaler/1', kind: 'none', columns: {} } as const;

  it('comes from the time of the last row alone, for any number of steps', () => {
    const context = { ts: ts.slice(239, 240), columns: {} };
    const { ts: steps, values, recursiveFromStep } = forecaster.forecast({ scaler, context, steps: 100 });
    expect(steps).toEqual(ts.slice(240, 340));
    expect([...(values['load'] ?? [])]).toEqual(Array.from(steps, (time) => prophetAt(parameters, time)));
    expect(recursiveFromStep).toBeNull();
  });

  it('needs that row', () => {
    const context = { ts: new Float64Array(), columns: {} };
    expect(() => forecaster.forecast({ scaler, context, steps: 1 })).toThrow(
      expect.objectContaining({ code: 'insufficient_rows' }),
    );
  });

  it('is the same in a backtest, origin by origin', () => {
    const series = { ts, block: new Int32Array(ts.length), columns: {}, actual: { load: noisy } };
    const { values } = forecaster.backtest({
      scaler,
      series,
      origins: Int32Array.from([240, 250]),
      horizon: 3,
    });
    const rows = [240, 241, 242, 250, 251, 252];
    expect([...(values['load'] ?? [])]).toEqual(rows.map((row) => prophetAt(parameters, ts[row] ?? 0)));
  });
});
