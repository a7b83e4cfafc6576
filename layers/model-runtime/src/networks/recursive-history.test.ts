import { describe, expect, it } from 'vitest';
import { nextTimestamps } from '../calendar/calendar.ts';
import { historyColumns, historyNames } from '../history/history.ts';
import { fitScaler } from '../scaling/scaler.ts';
import { seasonalSeries, SETTINGS, taskOf } from '../testing/series.ts';
import type { Columns, TrainTask } from '../types.ts';
import { loadForecaster } from '../families/load.ts';
import { trainModel } from '../families/train.ts';

const TARGETS = ['load', 'cold'];
const HISTORY = { lags: [3, 15], means: [5] };
const LOOK_BACK = 15;
const CONTEXT = SETTINGS.inputSeqLen + LOOK_BACK;
const HORIZON = SETTINGS.outputSeqLen;

const pick = (columns: Columns, names: readonly string[]): Columns =>
  Object.fromEntries(names.map((name) => [name, columns[name] ?? new Float64Array()]));
const cut = (columns: Columns, start: number, end: number): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(start, end)]));

/** Targets with lags and trailing means, and nothing else. */
function historyTask(): TrainTask {
  const base = seasonalSeries(300);
  const given = pick(base.columns, TARGETS);
  const columns = { ...given, ...historyColumns(given, { targets: TARGETS, history: HISTORY }) };
  const task = taskOf('GRU', { ...base, columns }, { epochs: 1 });
  return {
    ...task,
    roles: { targets: TARGETS, past: historyNames(TARGETS, HISTORY), future: [] },
    calendar: { timeZone: 'UTC', features: [] },
    history: HISTORY,
    scaler: fitScaler('StandardScaler', columns, { rows: task.segments.fit }),
  };
}

describe('a network over lags and trailing means', async () => {
  const task = historyTask();
  const { files, params } = await trainModel(task);
  const forecaster = await loadForecaster(files);
  const { series, scaler } = task;
  const contextAt = (end: number) => ({
    ts: series.ts.slice(end - CONTEXT, end),
    columns: cut(series.columns, end - CONTEXT, end),
  });

  it('asks for the rows that its first input looks back on, and trains on no window without them', () => {
    expect(forecaster.info).toMatchObject({ contextRows: CONTEXT, history: HISTORY });
    const { start, end } = task.segments.fit;
    expect(params['windows']).toBe(end - start - CONTEXT - HORIZON + 1);
  });

  it('recomputes them from its own predictions beyond its horizon', () => {
    const steps = 3 * HORIZON + 1;
    let { ts } = contextAt(250);
    let known = pick(contextAt(250).columns, TARGETS);
    const byHand: number[] = [];
    while (byHand.length < steps) {
      const columns = { ...known, ...historyColumns(known, { targets: TARGETS, history: HISTORY }) };
      const { values } = forecaster.forecast({ scaler, context: { ts, columns }, steps: HORIZON });
      byHand.push(...(values['load'] ?? []));
      const before = known;
      known = Object.fromEntries(
        TARGETS.map((name) => [name, Float64Array.from([...(before[name] ?? []), ...(values[name] ?? [])])]),
      );
      ts = Float64Array.from([...ts, ...nextTimestamps(ts.at(-1) ?? 0, task.frequency, HORIZON)]);
    }

    const got = forecaster.forecast({ scaler, context: contextAt(250), steps });
    expect([...(got.values['load'] ?? [])]).toEqual(byHand.slice(0, steps));
    expect(got.recursiveFromStep).toBe(HORIZON + 1);
  });

  it('forecasts alike one by one and in a backtest', () => {
    const origins = Int32Array.of(240, 250);
    const { values } = forecaster.backtest({ scaler, series, origins, horizon: HORIZON });
    const single = [...origins].flatMap((origin) => [
      ...(forecaster.forecast({ scaler, context: contextAt(origin), steps: HORIZON }).values['load'] ?? []),
    ]);

    for (const [index, value] of single.entries()) expect(values['load']?.[index]).toBeCloseTo(value, 4);
  });

  it('refuses a context without the rows that its first input looks back on', () => {
    const context = { ts: series.ts.slice(0, CONTEXT - 1), columns: cut(series.columns, 0, CONTEXT - 1) };

    expect(() => forecaster.forecast({ scaler, context, steps: 1 })).toThrow(
      expect.objectContaining({
        code: 'insufficient_rows',
        message: expect.stringMatching(/at least 27 rows.*got 26/u),
      }),
    );
  });
});
