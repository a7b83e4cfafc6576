import { describe, expect, it } from 'vitest';
import { HOUR_MS, START } from '../../shared/testing/tables.ts';
import { hours, range } from '../../shared/testing/tables.ts';
import { DAY_MS, describeMs, stepsBetween } from '../../shared/dataset/spacing.ts';
import { arrayColumn } from '../columns/column.ts';
import * as frequency from './frequency.ts';

const { parseFrequency } = frequency;
const frequencyOf = (ts: Float64Array, settings: frequency.FrequencySettings, place: string) =>
  frequency.frequencyOf(arrayColumn(ts), settings, place);

const auto = { FREQUENCY: '', REGULARISE: 'auto' } as const;
const BUSINESS = { stepMs: DAY_MS, businessDays: true };
const HOURLY = { stepMs: HOUR_MS, businessDays: false };
/** START is a Monday. */
const businessDays = (count: number): Float64Array =>
  Float64Array.from(range(count), (day) => START + (Math.floor(day / 5) * 7 + (day % 5)) * DAY_MS);

describe('frequencyOf', () => {
  it.each([
    ['hours', hours(...range(30)), HOURLY],
    [
      'days',
      Float64Array.from(range(30), (day) => START + day * DAY_MS),
      { stepMs: DAY_MS, businessDays: false },
    ],
    ['business days', businessDays(30), BUSINESS],
    ['hours of which one in ten steps is odd', hours(...range(10), 12), HOURLY],
  ])('infers %s', (_, ts, expected) => {
    expect(frequencyOf(ts, auto, 'dataset/x.csv')).toEqual(expected);
  });

  it('refuses rows that no spacing explains, naming odd ones and the ways out', () => {
    const ts = hours(0, 1, 2, 4, 5, 6, 9, 10, 10.5);

    expect(() => frequencyOf(ts, auto, 'dataset/x.csv')).toThrow(
      expect.objectContaining({
        code: 'frequency_unknown',
        message: expect.stringMatching(
          /dataset\/x\.csv, got 1 h for 63 %; first odd rows: 2001-01-01T04:00:00\.000Z \(2 h after.*T09:00.*\(3 h.*T10:30.*\(30 min.*FREQUENCY=….*REGULARISE=off/u,
        ),
      }),
    );
  });

  it('takes a given frequency where nine steps in ten are whole numbers of it', () => {
    const ts = hours(0, 2, 5, 6, 9, 11);

    expect(frequencyOf(ts, { ...auto, FREQUENCY: '1h' }, 'x')).toEqual(HOURLY);
    expect(() => frequencyOf(ts, { ...auto, FREQUENCY: '2h' }, 'x')).toThrow('got 2 h for');
  });

  it('takes the usual step where rows are taken as they come', () => {
    const off = { FREQUENCY: '', REGULARISE: 'off' } as const;

    expect(frequencyOf(hours(0, 1, 3, 4, 9), off, 'x').stepMs).toBe(2 * HOUR_MS);
    expect(frequencyOf(hours(0, 1, 5, 6), { ...off, FREQUENCY: '4h' }, 'x').stepMs).toBe(4 * HOUR_MS);
  });

  it('needs three rows, or to be told', () => {
    expect(() => frequencyOf(hours(0, 1), auto, 'x')).toThrow('at least 3 fit rows');
    expect(frequencyOf(hours(0, 1), { ...auto, FREQUENCY: '1d' }, 'x').stepMs).toBe(DAY_MS);
  });
});

describe('steps of months', () => {
  const monthly = (count: number, day: number) => ({ businessDays: false, months: { count, day } });
  const days = (...texts: string[]) => Float64Array.from(texts, (text) => Date.parse(`${text}T00:00:00Z`));

  it.each([
    ['month starts', Float64Array.from(range(24), (month) => Date.UTC(1949, month, 1)), monthly(1, 1)],
    ['month ends', Float64Array.from(range(24), (month) => Date.UTC(2023, month + 1, 0)), monthly(1, 31)],
    [
      'the middle of months',
      Float64Array.from(range(24), (month) => Date.UTC(2023, month, 15)),
      monthly(1, 15),
    ],
    [
      'quarter ends',
      days('2023-03-31', '2023-06-30', '2023-09-30', '2023-12-31', '2024-03-31'),
      monthly(3, 31),
    ],
    [
      'quarters that end in November',
      days('2023-02-28', '2023-05-31', '2023-08-31', '2023-11-30'),
      monthly(3, 31),
    ],
    ['years', Float64Array.from(range(9), (year) => Date.UTC(1999 + year, 0, 1)), monthly(12, 1)],
    [
      'months of which one is missing',
      Float64Array.from([...range(12), ...range(12).map((m) => m + 13)], (month) => Date.UTC(2001, month, 1)),
      monthly(1, 1),
    ],
  ])('are inferred from %s', (_, ts, expected) => {
    expect(frequencyOf(ts, auto, 'x')).toMatchObject(expected);
  });

  it.each([
    ['MS', monthly(1, 1)],
    ['M', monthly(1, 31)],
    ['2ME', monthly(2, 31)],
    ['QE-NOV', monthly(3, 31)],
    ['QS', monthly(3, 1)],
    ['YE-JUN', monthly(12, 31)],
    ['AS', monthly(12, 1)],
    ['W-SUN', { stepMs: 7 * DAY_MS, businessDays: false }],
    ['H', HOURLY],
    ['30T', { stepMs: HOUR_MS / 2, businessDays: false }],
  ])('are named %s', (text, expected) => {
    expect(parseFrequency(text)).toMatchObject(expected);
  });

  it('that are given lie on the day that the rows lie on', () => {
    const ts = Float64Array.from(range(12), (month) => Date.UTC(2024, month, 10));
    expect(frequencyOf(ts, { ...auto, FREQUENCY: 'MS' }, 'x')).toMatchObject(monthly(1, 10));
  });
});

describe('frequencies', () => {
  it.each([
    ['15min', 15 * 60_000],
    ['1h', HOUR_MS],
    ['h', HOUR_MS],
    ['2d', 2 * DAY_MS],
    ['1w', 7 * DAY_MS],
    ['30s', 30_000],
  ])('read %s', (text, stepMs) => {
    expect(parseFrequency(text)).toEqual({ stepMs, businessDays: false });
  });

  it('count steps, over weekends too', () => {
    expect(parseFrequency('1B')).toEqual(BUSINESS);
    const [monday, friday, saturday, nextMonday] = [0, 4, 5, 7].map((day) => START + day * DAY_MS);
    expect(stepsBetween(monday ?? 0, friday ?? 0, BUSINESS)).toBe(4);
    expect(stepsBetween(friday ?? 0, nextMonday ?? 0, BUSINESS)).toBe(1);
    expect(stepsBetween(friday ?? 0, saturday ?? 0, BUSINESS)).toBeUndefined();
    expect(stepsBetween(monday ?? 0, (friday ?? 0) + 1, BUSINESS)).toBeUndefined();
    expect(stepsBetween(START, START + 1.5 * HOUR_MS, HOURLY)).toBeUndefined();
    expect(stepsBetween(Date.UTC(1969, 11, 26), Date.UTC(1969, 11, 29), BUSINESS)).toBe(1);
  });

  it('are described in the largest unit that fits', () => {
    expect([90_000, 5_400_000, 7 * DAY_MS, 1500].map(describeMs)).toEqual([
      '90 s',
      '90 min',
      '7 d',
      '1500 ms',
    ]);
  });
});
