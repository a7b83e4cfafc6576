import { describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { Series, TrainTask } from '../types.ts';
import { FAMILIES } from './index.ts';
import { loadForecaster } from './load.ts';
import { trainModel } from './train.ts';

/** Those that are for any series; others are for one kind of it. */
const TYPES = FAMILIES.filter(
  ({ trainer, type }) => trainer === 'train-statistical' && !['CROSTON_SBA', 'TSB'].includes(type),
).map(({ type }) => type);
const HOUR_MS = 3_600_000;

/** One target `y`, hourly from a block's start to the next. */
function seriesOf(y: readonly number[], gapAt = y.length): Series {
  const ts = Float64Array.from(y, (_, row) => (row + (row < gapAt ? 0 : 100)) * HOUR_MS);
  const filled = Float64Array.from(y, (value, row) => (Number.isNaN(value) ? (y[row - 1] ?? 0) : value));
  return {
    ts,
    block: Int32Array.from(y, (_, row) => (row < gapAt ? 0 : 1)),
    columns: { y: filled },
    actual: { y: Float64Array.from(y) },
  };
}

function taskOfY(type: string, series: Series, settings: Partial<TrainTask['settings']> = {}): TrainTask {
  return {
    ...taskOf(type, { ...seasonalSeries(series.ts.length), ...series }, settings),
    series,
    roles: { targets: ['y'], past: [], future: [] },
    calendar: { timeZone: 'UTC', features: [] },
  };
}

const contextOf = ({ ts, columns }: Series, start: number, end: number) => ({
  ts: ts.slice(start, end),
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.slice(start, end)]),
  ),
});

describe.each(TYPES)('%s', (type) => {
  const season = Array.from(
    { length: 240 },
    (_, row) => 50 + row / 10 + 10 * Math.sin((2 * Math.PI * row) / 24),
  );

  it('finds the season, and forecasts it with its uncertainty', async () => {
    const series = seriesOf(season);
    const task = taskOfY(type, series, { outputSeqLen: 24 });
    const trained = await trainModel(task);
    expect(trained.params).toMatchObject({ season: 24, fitted_rows: 192 });
    const forecaster = await loadForecaster(trained.files);
    const { ts, values, deviations } = forecaster.forecast({
      scaler: task.scaler,
      context: contextOf(series, 200, 240),
      steps: 24,
    });
    expect(ts[0]).toBe(240 * HOUR_MS);
    for (const [step, value] of (values['y'] ?? []).entries()) {
      const row = 240 + step;
      expect(Math.abs(value - (50 + row / 10 + 10 * Math.sin((2 * Math.PI * row) / 24)))).toBeLessThan(3);
    }
    expect(deviations?.['y']).toHaveLength(24);
    expect([...(deviations?.['y'] ?? [])].every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  });

  it('goes on from its state alike in a backtest, from stored rows, and from rows that join them', async () => {
    const series = seriesOf(season.map((value, row) => value + 3 * Math.sin(row * row)));
    const task = taskOfY(type, series);
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const { scaler } = task;
    const backtest = forecaster.backtest({
      scaler,
      series,
      origins: Int32Array.of(200, 230, 240),
      horizon: 3,
    });
    const expected = [...(backtest.values['y'] ?? [])].slice(-3);
    const ahead = (start: number): number[] => [
      ...(forecaster.forecast({ scaler, context: contextOf(series, start, 240), steps: 3 }).values['y'] ??
        []),
    ];
    for (const start of [239, 200, 192, 150])
      for (const [step, value] of ahead(start).entries()) expect(value).toBeCloseTo(expected[step] ?? 0, 8);
  });

  it('finds a state for rows that do not join those of the fit', async () => {
    const series = seriesOf(season);
    const task = taskOfY(type, series);
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const context = contextOf(series, 120, 200);
    const far = { ...context, ts: context.ts.map((time) => time + 24 * 365 * HOUR_MS) };
    const { values } = forecaster.forecast({ scaler: task.scaler, context: far, steps: 4 });
    for (const [step, value] of (values['y'] ?? []).entries())
      expect(Math.abs(value - (season[200 + step] ?? 0))).toBeLessThan(3);
  });

  it.each([
    ['a constant', Array.from({ length: 40 }, () => 7), 7],
    ['a straight line', Array.from({ length: 40 }, (_, row) => -100 - 2 * row), -180],
    ['great numbers', Array.from({ length: 40 }, () => 1e12), 1e12],
    ['twelve rows', Array.from({ length: 12 }, (_, row) => 5 + (row % 2)), 5.5],
  ])('of %s is finite and near', async (_name, y, next) => {
    const series = seriesOf(y);
    const task = taskOfY(type, series, { outputSeqLen: 1 });
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const context = contextOf(series, y.length - 4, y.length);
    const { values } = forecaster.forecast({ scaler: task.scaler, context, steps: 1 });
    expect(Math.abs((values['y']?.[0] ?? Number.NaN) - next)).toBeLessThan(Math.abs(next) * 0.15);
  });

  it('takes missing values, and of rows with a gap the newest that follow each other', async () => {
    const y = season.map((value, row) => (row % 17 === 3 ? Number.NaN : value));
    const task = taskOfY(type, seriesOf(y, 60));
    const trained = await trainModel(task);
    expect(trained.params['fitted_rows']).toBe(192 - 60);
    const forecaster = await loadForecaster(trained.files);
    const { scaler, series } = task;
    const { values } = forecaster.backtest({ scaler, series, origins: Int32Array.of(200), horizon: 4 });
    for (const [step, value] of (values['y'] ?? []).entries())
      expect(Math.abs(value - (season[200 + step] ?? 0))).toBeLessThan(4);
  });

  // MSTL and MFLES are fitted again on the rows of a context, gaps on the line between their neighbours.
  const carries = !['MSTL', 'MFLES'].includes(type);
  it.runIf(carries)('goes on over rows that are missing, whose time counts', async () => {
    const hours = Array.from({ length: 340 }, (_, row) => 50 + 10 * Math.sin((2 * Math.PI * row) / 24));
    const y = [...hours.slice(0, 210), ...hours.slice(310)];
    const task = taskOfY(type, seriesOf(y, 210));
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const { scaler, series } = task;
    const { values } = forecaster.backtest({ scaler, series, origins: Int32Array.of(212), horizon: 6 });
    const context = contextOf(series, 210, 212);
    const ahead = forecaster.forecast({ scaler, context, steps: 6 });
    for (const [step, value] of (values['y'] ?? []).entries()) {
      expect(Math.abs(value - (hours[312 + step] ?? 0))).toBeLessThan(4);
      expect(Math.abs((ahead.values['y']?.[step] ?? 0) - (hours[312 + step] ?? 0))).toBeLessThan(4);
    }
  });
});
