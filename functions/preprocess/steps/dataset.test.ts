import { describe, expect, it } from 'vitest';
import type { Columns } from '@flts/model-runtime';
import { preprocessSettings, type PreprocessSettings } from '../../shared/settings/settings.ts';
import { HOUR_MS } from '../../shared/testing/tables.ts';
import { hours, randomNumbers, range, tableOf } from '../../shared/testing/tables.ts';
import { buildDataset, type ProcessedDataset, type Source } from '../testing/in-memory.ts';
import type { SourceTable } from '../../shared/dataset/source-table.ts';

const PLACE = 'dataset/x.csv';
const settingsOf = (values: Readonly<Record<string, unknown>> = {}): PreprocessSettings =>
  preprocessSettings.parse(values);
const source = (table: SourceTable): Source => ({ table, place: PLACE });

/** Hourly rows with a daily season, gaps of one to three rows and missing cells; the first row is whole. */
function roughTable(seed: number, rows = 400, from = 0): SourceTable {
  const random = randomNumbers(seed);
  const at = range(rows).filter((row) => row === 0 || random() > 0.03);
  const cells = (): number[] =>
    at.map((row) =>
      row > 0 && random() < 0.1 ? NaN : Math.sin((2 * Math.PI * (row + from)) / 24) + random(),
    );
  return tableOf(hours(...at.map((row) => row + from)), { a: cells(), b: cells(), c: cells(), d: cells() });
}

const statistics = ({
  frequency,
  seasonalPeriods,
  scaler,
  imputation,
  clipping,
  calendar,
}: ProcessedDataset) => ({
  bounds: clipping.bounds,
  frequency,
  seasonalPeriods,
  scaler,
  imputation,
  calendar,
});

describe('buildDataset', () => {
  it('fills inputs, and leaves the truth as it came', () => {
    const at = range(25).filter((hour) => hour !== 3);
    const table = tableOf(hours(...at), {
      a: at.map((hour) => (hour === 1 ? NaN : hour)),
      b: at,
      c: at,
      d: at,
    });
    const built = buildDataset(source(table), undefined, settingsOf({ TIME_FEATURES_ENABLE: 0 }));

    expect(built.ts).toEqual(hours(...range(25)));
    expect([...(built.columns['a'] ?? [])].slice(0, 5)).toEqual([
      0,
      0,
      2,
      expect.closeTo(2 / (1 + 1 / 3), 12),
      4,
    ]);
    expect([...(built.actual['a'] ?? [])].slice(0, 5)).toEqual([0, NaN, 2, NaN, 4]);
    expect(built.columns['b']?.[3]).toBeCloseTo((2 + 1 / 2) / (1 + 1 / 2), 12);
    expect([...built.inserted.keys()].filter((row) => built.inserted[row] === 1)).toEqual([3]);
    expect(built.counts).toEqual({ inserted: 1, dropped: 0, duplicates: 0, imputedCells: 5 });
    expect(built.block).toEqual(new Int32Array(25));
    expect(built.segments).toEqual({
      fit: { start: 0, end: 17 },
      validate: { start: 17, end: 20 },
      select: { start: 20, end: 22 },
      test: { start: 22, end: 25 },
    });
  });

  it('gives each column its role and future columns no truth', () => {
    const settings = settingsOf({ TARGET_COLUMNS: 'c,a', FUTURE_COLUMNS: 'b' });
    const { roles, actual, columns } = buildDataset(source(roughTable(1)), undefined, settings);

    expect(roles).toMatchObject({ targets: ['a', 'c'], past: ['d'] });
    expect(roles.future[0]).toBe('b');
    expect(roles.future.length).toBeGreaterThan(1);
    expect(Object.keys(actual)).toEqual(['a', 'c']);
    for (const name of [...roles.targets, ...roles.past, ...roles.future])
      expect(columns[name]?.every(Number.isFinite)).toBe(true);
  });

  it('leaves calendar features as they are and scales the rest by the fit rows', () => {
    const { scaler, calendar, columns, segments } = buildDataset(
      source(roughTable(2)),
      undefined,
      settingsOf(),
    );
    const fit = columns['a']?.subarray(0, segments.fit.end) ?? new Float64Array();
    const mean = fit.reduce((sum, value) => sum + value, 0) / fit.length;

    expect(scaler.columns['a']?.offset).toBeCloseTo(mean, 12);
    expect(calendar.features.length).toBeGreaterThan(0);
    for (const name of calendar.features) expect(scaler.columns[name]).toEqual({ offset: 0, scale: 1 });
  });

  it('makes the calendar features that are asked for', () => {
    const { calendar, columns } = buildDataset(
      source(tableOf(hours(...range(60)), { a: range(60) })),
      undefined,
      settingsOf({ TIME_FEATURES: 'hour,day_of_week' }),
    );

    expect(calendar.features).toEqual(['day_of_week_sin', 'day_of_week_cos', 'hour_sin', 'hour_cos']);
    expect(columns['hour_sin']?.[6]).toBe(1);
  });

  it('adds a constant to what is scaled, and takes it away from what is scaled back', () => {
    const table = source(tableOf(hours(...range(60)), { a: range(60).map((row) => row - 40) }));
    const built = (ADD_CONSTANT: number) =>
      buildDataset(table, undefined, settingsOf({ SCALER: 'MaxAbsScaler', ADD_CONSTANT }));

    // Fit rows are -40 … 1: 40 more, and they are 0 … 41.
    expect(built(0).scaler.columns['a']).toEqual({ offset: 0, scale: 40 });
    expect(built(40).scaler.columns['a']).toEqual({ offset: -40, scale: 41 });
    expect(built(40).scaler.columns['day_of_week_sin']).toEqual(built(0).scaler.columns['day_of_week_sin']);
    expect([built(40).columns, built(40).actual]).toEqual([built(0).columns, built(0).actual]);
  });

  it('leaves out calendar features that do not vary over the fit rows', () => {
    const days = tableOf(hours(...range(60).map((day) => day * 24)), { a: range(60) });
    const { calendar, roles } = buildDataset(source(days), undefined, settingsOf());

    expect(calendar.features.filter((name) => name.startsWith('minute_of_day'))).toEqual([]);
    expect(calendar.features.length).toBeGreaterThan(0);
    expect(roles.future).toEqual(calendar.features);
  });

  it('goes on with the training rows’ block where the test file joins them, else begins another', () => {
    const train = source(tableOf(hours(...range(50)), { a: range(50) }));
    const blocks = (from: number): number[] => {
      const test = source(tableOf(hours(...range(10).map((row) => row + from)), { a: range(10) }));
      return [...buildDataset(train, test, settingsOf()).block.subarray(49, 51)];
    };

    expect(blocks(50)).toEqual([0, 0]);
    expect(blocks(52)).toEqual([0, 1]);
  });

  it('refuses test rows at or before the last training row', () => {
    const train = source(tableOf(hours(...range(50)), { a: range(50) }));
    const test = source(tableOf(hours(48, 49, 50), { a: [1, 2, 3] }));

    expect(() => buildDataset(train, test, settingsOf())).toThrow(
      expect.objectContaining({
        code: 'test_overlaps_train',
        message: expect.stringMatching(/got 2 at or before it, the first at 2001-01-03T00:00:00\.000Z/u),
      }),
    );
  });

  it('infers the frequency from the fit rows alone', () => {
    const later = range(60).map((row) => 140 + 2 * row);
    const built = buildDataset(
      source(tableOf(hours(...range(140), ...later), { a: range(200) })),
      undefined,
      settingsOf(),
    );

    expect(built.segments.fit).toEqual({ start: 0, end: 140 });
    expect(built.frequency.stepMs).toBe(HOUR_MS);
    expect(built.counts.inserted).toBe(59);
  });

  it('takes rows as they come where nothing is to be regularised', () => {
    const visits = tableOf(
      Float64Array.from(
        range(48).filter((visit) => visit !== 20),
        (visit) => Date.UTC(2001, 0, 1 + 30 * visit, visit % 5),
      ),
      { a: range(47) },
    );
    expect(() => buildDataset(source(visits), undefined, settingsOf())).toThrow('REGULARISE=off');
    const built = buildDataset(source(visits), undefined, settingsOf({ REGULARISE: 'off' }));

    expect(built.ts).toEqual(visits.ts);
    expect([...built.block.subarray(18, 22)]).toEqual([0, 0, 1, 1]);
    expect(built.counts.inserted).toBe(0);
  });
});

/** A way of clipping for each seed, none for every fourth, and a way of filling; lags and trailing means for every other. */
const cleaningOf = (seed: number): PreprocessSettings =>
  settingsOf({
    CLIP_METHOD: ['none', 'iqr', 'zscore', 'quantile'][seed % 4],
    CLIP_FACTOR: 0.7,
    HANDLE_NANS_METHOD: ['neighbours', 'ffill', 'mean'][seed % 3],
    LAGS_N: (seed % 2) * 3,
    LAGS_STEP: 2,
    TRAILING_MEANS: seed % 2 === 1 ? [5] : [],
  });

describe('nothing from the future', () => {
  it.each(range(12))('no value after fit changes a statistic (seed %i)', (seed) => {
    const table = roughTable(seed);
    const random = randomNumbers(seed + 100);
    const before = buildDataset(source(table), undefined, cleaningOf(seed));
    const fitEnd = before.ts[before.segments.fit.end] ?? 0;
    const values = Object.fromEntries(
      Object.entries(table.values).map(([name, column]) => [
        name,
        column.map((value, row) => {
          if ((table.ts[row] ?? 0) < fitEnd || random() < 0.3) return value;
          return random() < 0.3 ? NaN : random() * 1e6;
        }),
      ]),
    );
    const after = buildDataset(source({ ...table, values }), undefined, cleaningOf(seed));

    expect(statistics(after)).toEqual(statistics(before));
    expect(after.segments.fit).toEqual(before.segments.fit);
  });

  it.each(range(12))('cutting the data after t changes no input at or before t (seed %i)', (seed) => {
    const train = source(roughTable(seed));
    const test = roughTable(seed + 50, 100, 400);
    const whole = buildDataset(train, source(test), cleaningOf(seed));
    const kept = 1 + Math.floor(randomNumbers(seed)() * (test.ts.length - 1));
    const cut = buildDataset(train, source(firstRows(test, kept)), cleaningOf(seed));

    expectSameStart(whole, cut, test.ts[kept - 1] ?? 0);
    expect(statistics({ ...cut, seasonalPeriods: [] })).toEqual(
      statistics({ ...whole, seasonalPeriods: [] }),
    );
  });

  it.each(range(6))(
    'nor does cutting the training file, where each column begins known (seed %i)',
    (seed) => {
      const table = roughTable(seed);
      const kept = 200 + Math.floor(randomNumbers(seed)() * 100);
      const settings = settingsOf({ FREQUENCY: '1h' });
      expect(kept).toBeLessThan(table.ts.length);

      expectSameStart(
        buildDataset(source(table), undefined, settings),
        buildDataset(source(firstRows(table, kept)), undefined, settings),
        table.ts[kept - 1] ?? 0,
      );
    },
  );
});

/** RMSE over mean of repeating the row before, over the test rows. */
function persistence({ actual, segments: { test } }: ProcessedDataset, repeated: Columns): number {
  const rows = range(test.end - test.start).map((row) => test.start + row);
  const errors = rows
    .map((row) => (repeated['a']?.[row - 1] ?? NaN) - (actual['a']?.[row] ?? NaN))
    .filter((error) => !Number.isNaN(error));
  const known = rows.map((row) => actual['a']?.[row] ?? NaN).filter((value) => !Number.isNaN(value));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(mean(errors.map((error) => error * error))) / mean(known);
}

describe('resampling', () => {
  const random = randomNumbers(3);
  const minutes = range(1200).map((row) => row * 7 + Math.floor(random() * 6));
  const table = tableOf(hours(...minutes.map((minute) => minute / 60)), {
    a: minutes.map(random),
    b: range(1200),
  });
  const settings = (values: Readonly<Record<string, unknown>> = {}): PreprocessSettings =>
    settingsOf({ REGULARISE: 'resample', FREQUENCY: '1h', RESAMPLE_LAST_COLUMNS: 'b', ...values });

  it('puts rows of odd times on a grid, whose rows are cut into segments', () => {
    expect(() => buildDataset(source(table), undefined, settingsOf())).toThrow(
      'FREQUENCY=… with REGULARISE=resample',
    );
    const { ts, segments, frequency, actual, resampling } = buildDataset(
      source(table),
      undefined,
      settings(),
    );

    expect(frequency).toEqual({ stepMs: HOUR_MS, businessDays: false });
    expect(resampling).toEqual({ stepMs: HOUR_MS, methods: { a: 'mean', b: 'last' } });
    const last = Math.floor((minutes.at(-1) ?? 0) / 60);
    expect(ts).toEqual(hours(...range(last + 1)));
    expect(segments.fit).toEqual({ start: 0, end: Math.floor(0.7 * (last + 1)) });
    expect(actual['b']?.[3]).toBe(minutes.filter((minute) => minute <= 180).length - 1);
  });

  it.each([
    [{ RESAMPLE_SUM_COLUMNS: 'c' }, 'column_missing', 'RESAMPLE_SUM_COLUMNS among a, b, got c'],
    [
      { RESAMPLE_SUM_COLUMNS: 'b' },
      'setting_invalid',
      '"b" in RESAMPLE_LAST_COLUMNS and RESAMPLE_SUM_COLUMNS',
    ],
  ])('refuses %j', (values, code, message) => {
    expect(() => buildDataset(source(table), undefined, settings(values))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each(range(4))(
    'lets no value after fit change a statistic, nor a later row an input (seed %i)',
    (seed) => {
      const before = buildDataset(source(table), undefined, settings({ CLIP_METHOD: 'iqr' }));
      const fitEnd = before.ts[before.segments.fit.end - 1] ?? 0;
      const changed = table.values['a']?.map((value, row) =>
        (table.ts[row] ?? 0) > fitEnd ? 99 * seed : value,
      );
      const values = { ...table.values, a: changed ?? new Float64Array() };
      const after = buildDataset(source({ ...table, values }), undefined, settings({ CLIP_METHOD: 'iqr' }));

      expect(statistics(after)).toEqual(statistics(before));
      for (const name of ['a', 'b'])
        expect(after.columns[name]?.slice(0, after.segments.fit.end)).toEqual(
          before.columns[name]?.slice(0, after.segments.fit.end),
        );
    },
  );
});

describe('resampling to business days', () => {
  it('puts rows of every day on a grid of five days a week, without a gap', () => {
    const table = tableOf(hours(...range(24 * 70)), { a: range(24 * 70) });
    const settings = settingsOf({ REGULARISE: 'resample', FREQUENCY: '1B', RESAMPLE_METHOD: 'last' });
    const { ts, block, frequency, counts, actual } = buildDataset(source(table), undefined, settings);

    expect(frequency).toEqual({ stepMs: 24 * HOUR_MS, businessDays: true });
    expect(new Set([...ts].map((at) => new Date(at).getUTCDay()))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect([ts.length, counts.inserted, new Set(block).size]).toEqual([50, 0, 1]);
    expect(actual['a']).toEqual(ts.map((at) => (at - (hours(0)[0] ?? 0)) / HOUR_MS));
  });
});

describe('clipping', () => {
  const at = range(300);
  const a = at.map((row) => (row % 50 === 11 ? NaN : 10 + ((row * 7) % 5) + (row % 30 === 17 ? 500 : 0)));
  const table = tableOf(hours(...at), { a, b: at });
  const plain = buildDataset(source(table), undefined, settingsOf({ HANDLE_NANS_THRESHOLD: 0.5 }));
  const clipped = buildDataset(
    source(table),
    undefined,
    settingsOf({ CLIP_METHOD: 'iqr', HANDLE_NANS_THRESHOLD: 0.5 }),
  );

  it('changes inputs, and the truth nowhere', () => {
    const upper = clipped.clipping.bounds['a']?.upper ?? NaN;

    expect(upper).toBeLessThan(20);
    expect(plain.columns['a']?.[17]).toBe(10 + ((17 * 7) % 5) + 500);
    expect([clipped.columns['a']?.[17], clipped.columns['a']?.[287]]).toEqual([upper, upper]);
    expect(clipped.actual).toEqual(plain.actual);
    expect(clipped.clipping.clipped).toEqual({ a: 10, b: 0 });
    expect(plain.clipping).toEqual({ bounds: {}, clipped: {} });
  });

  it('leaves the score of persistence as it is', () => {
    const score = persistence(plain, plain.actual);

    expect(persistence(clipped, clipped.actual)).toBe(score);
    expect(persistence({ ...clipped, actual: clipped.columns }, clipped.columns)).toBeLessThan(score / 2);
  });

  it('fills missing cells from clipped ones', () => {
    const outlierBefore = tableOf(hours(...at), {
      a: a.map((value, row) => (row === 18 ? NaN : value)),
      b: at,
    });
    const { columns, clipping } = buildDataset(
      source(outlierBefore),
      undefined,
      settingsOf({ CLIP_METHOD: 'iqr', HANDLE_NANS_NEIGHBOURS: 1, HANDLE_NANS_THRESHOLD: 0.5 }),
    );

    expect(columns['a']?.[18]).toBe(clipping.bounds['a']?.upper);
  });
});

function firstRows(table: SourceTable, rows: number): SourceTable {
  return tableOf(
    table.ts.slice(0, rows),
    Object.fromEntries(Object.entries(table.values).map(([name, values]) => [name, values.slice(0, rows)])),
  );
}

function expectSameStart(whole: ProcessedDataset, cut: ProcessedDataset, last: number): void {
  const rows = cut.ts.findIndex((at) => at > last);
  const end = rows < 0 ? cut.ts.length : rows;
  expect(whole.ts.slice(0, end)).toEqual(cut.ts.slice(0, end));
  expect(cut.ts[end - 1]).toBe(last);
  expect(whole.block.slice(0, end)).toEqual(cut.block.slice(0, end));
  for (const [name, values] of Object.entries(cut.columns))
    expect(whole.columns[name]?.slice(0, end)).toEqual(values.slice(0, end));
  expect(HOUR_MS * (end - 1)).toBeLessThanOrEqual(last - (cut.ts[0] ?? 0));
}
