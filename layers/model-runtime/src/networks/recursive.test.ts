import { describe, expect, it } from 'vitest';
import { calendarColumns } from '../calendar/calendar.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { Columns, Forecast, TrainTask } from '../types.ts';
import { nextTimestamps } from '../calendar/calendar.ts';
import type { Forecaster } from '../families/forecaster.ts';
import { loadForecaster } from '../families/load.ts';
import { trainModel } from '../families/train.ts';

const ROWS = 200;
const HORIZON = 4;
const CALENDAR = {
  timeZone: 'Europe/Berlin',
  features: ['minute_of_day_sin', 'minute_of_day_cos', 'day_of_week_sin'],
};

/** Targets load and cold; past covariate wind; known future: price and the calendar. */
function covariateTask(): TrainTask {
  const base = seasonalSeries(240);
  const columns: Columns = {
    load: base.columns['load'] ?? new Float64Array(),
    cold: base.columns['cold'] ?? new Float64Array(),
    wind: base.ts.map((_, row) => (row * 37) % 11),
    price: base.ts.map((_, row) => (row * 17) % 13),
    ...calendarColumns(base.ts, CALENDAR),
  };
  const task = taskOf('GRU', { ...base, columns }, { epochs: 1 });
  const scaler: TrainTask['scaler'] = {
    ...task.scaler,
    columns: Object.fromEntries(Object.keys(columns).map((name) => [name, { offset: 1, scale: 20 }])),
  };
  const roles = { targets: ['load', 'cold'], past: ['wind'], future: ['price', ...CALENDAR.features] };
  return { ...task, roles, calendar: CALENDAR, scaler };
}

const head = (columns: Columns, rows: number): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(0, rows)]));

/** What the definition says, a horizon at a time: every prediction becomes a row of context for the next. */
function byHand(forecaster: Forecaster, task: TrainTask, prices: readonly number[], steps: number): number[] {
  let ts: Float64Array = task.series.ts.slice(0, ROWS);
  let columns = head(task.series.columns, ROWS);
  const loads: number[] = [];
  const append = (values: Float64Array, more: Iterable<number>): Float64Array =>
    Float64Array.from([...values, ...more]);
  for (let done = 0; done < steps; done += HORIZON) {
    const { values } = forecaster.forecast({ scaler: task.scaler, context: { ts, columns }, steps: HORIZON });
    const next = nextTimestamps(ts.at(-1) ?? 0, task.frequency, HORIZON);
    const known: Columns = { ...values, ...calendarColumns(next, CALENDAR) };
    const held = columns['wind']?.at(-1) ?? Number.NaN;
    columns = Object.fromEntries(
      Object.entries(columns).map(([name, before]) => {
        if (name === 'wind')
          return [
            name,
            append(
              before,
              Array.from({ length: HORIZON }, () => held),
            ),
          ];
        const given = prices.slice(done, done + HORIZON);
        return [name, append(before, name === 'price' ? given : (known[name] ?? []))];
      }),
    );
    ts = append(ts, next);
    loads.push(...(values['load'] ?? []));
  }
  return loads.slice(0, steps);
}

describe('a network beyond its horizon', async () => {
  const task = covariateTask();
  const forecaster = await loadForecaster((await trainModel(task)).files);
  const context = { ts: task.series.ts.slice(0, ROWS), columns: head(task.series.columns, ROWS) };
  const ask = (steps: number, future: Columns = {}): Forecast =>
    forecaster.forecast({ scaler: task.scaler, context, future, steps });
  const loads = (got: Forecast): number[] => [...(got.values['load'] ?? [])];

  it('feeds predictions back, recomputes the calendar, holds past covariates, uses what is known', () => {
    const prices = Array.from({ length: 11 }, (_, step) => step * 3);
    const got = ask(11, { price: Float64Array.from(prices) });
    expect(loads(got)).toEqual(byHand(forecaster, task, [...prices, 30], 11));
    expect(got.recursiveFromStep).toBe(HORIZON + 1);
    // Each of these has a say, so that the comparison above tells of it.
    expect(loads(got)).not.toEqual(loads(ask(11)));
  });

  it('holds a known-future covariate at its last value where it ends, or was not given', () => {
    const last = context.columns['price']?.at(-1) ?? Number.NaN;
    expect(loads(ask(9))).toEqual(loads(ask(9, { price: new Float64Array(9).fill(last) })));
    expect(loads(ask(9, { price: Float64Array.from([5, 7]) }))).toEqual(
      loads(ask(9, { price: Float64Array.from([5, 7, 7, 7, 7, 7, 7, 7, 7]) })),
    );
  });

  it('takes no future from outside for targets, past covariates and calendar', () => {
    const ninth = new Float64Array(9).fill(9);
    expect(ask(9, { load: ninth, wind: ninth, minute_of_day_sin: ninth })).toEqual(ask(9));
  });

  it('looks at its window alone, however long the context is', () => {
    const rows = { start: ROWS - 12, end: ROWS };
    const columns = Object.fromEntries(
      Object.entries(context.columns).map(([name, values]) => [name, values.slice(rows.start, rows.end)]),
    );
    const short = { ts: context.ts.slice(rows.start, rows.end), columns };
    expect(forecaster.forecast({ scaler: task.scaler, context: short, steps: 6 })).toEqual(ask(6));
  });

  it('names what the context lacks', () => {
    const of = (columns: Columns, rows: number) => () =>
      forecaster.forecast({
        scaler: task.scaler,
        context: { ts: context.ts.slice(0, rows), columns },
        steps: 1,
      });
    expect(of(head(context.columns, 11), 11)).toThrow(
      expect.objectContaining({
        code: 'insufficient_rows',
        message: expect.stringMatching(/at least 12 rows.*got 11/u),
      }),
    );
    const { wind: _wind, ...others } = context.columns;
    expect(of(others, ROWS)).toThrow(
      expect.objectContaining({ code: 'feature_count_mismatch', message: expect.stringContaining('wind') }),
    );
  });

  it('backtests no step beyond it', () => {
    const of = { scaler: task.scaler, series: task.series, origins: Int32Array.from([100]), horizon: 5 };
    expect(() => forecaster.backtest(of)).toThrow(expect.objectContaining({ code: 'shape_mismatch' }));
  });
});
