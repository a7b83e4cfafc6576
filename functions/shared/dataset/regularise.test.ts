import { describe, expect, it } from 'vitest';
import { hours, HOUR_MS, range, START, tableOf } from '../testing/tables.ts';
import { asTheyCome, insertMissingRows, joinRows, numberBlocks } from './regularise.ts';
import { DAY_MS } from './spacing.ts';

const HOURLY = { stepMs: HOUR_MS, businessDays: false };
const options = { frequency: HOURLY, most: 100, place: 'dataset/x.csv' };

describe('insertMissingRows', () => {
  it('inserts the rows between two rows of one grid, marked and empty', () => {
    const rows = insertMissingRows(tableOf(hours(0, 1, 4, 5), { a: [1, 2, 3, 4] }), options);

    expect(rows.ts).toEqual(hours(0, 1, 2, 3, 4, 5));
    expect(rows.values['a']).toEqual(Float64Array.of(1, 2, NaN, NaN, 3, 4));
    expect(rows.inserted).toEqual(Uint8Array.of(0, 0, 1, 1, 0, 0));
  });

  it('lets a row off the grid stand where it is, and goes on from there', () => {
    const rows = insertMissingRows(tableOf(hours(0, 1, 3.5, 5.5), { a: [1, 2, 3, 4] }), options);

    expect(rows.ts).toEqual(hours(0, 1, 3.5, 4.5, 5.5));
  });

  it('inserts business days alone', () => {
    const ts = Float64Array.of(START + 3 * DAY_MS, START + 8 * DAY_MS);
    const frequency = { stepMs: DAY_MS, businessDays: true };

    expect([...insertMissingRows(tableOf(ts, { a: [1, 2] }), { ...options, frequency }).ts]).toEqual(
      [3, 4, 7, 8].map((day) => START + day * DAY_MS),
    );
  });

  it('refuses a gap that more rows would fill than allowed', () => {
    const table = tableOf(hours(0, 1, 12), { a: [1, 2, 3] });

    expect(insertMissingRows(table, { ...options, most: 10 }).ts).toHaveLength(13);
    expect(() => insertMissingRows(table, { ...options, most: 9 })).toThrow(
      expect.objectContaining({
        code: 'frequency_unknown',
        message: expect.stringContaining('11 h between 2001-01-01T01:00:00.000Z'),
      }),
    );
  });
});

describe('joinRows', () => {
  it('puts one part after the other and fills nothing between', () => {
    const first = insertMissingRows(tableOf(hours(0, 2), { a: [1, 2] }), options);
    const joined = joinRows(first, asTheyCome(tableOf(hours(9), { a: [3] })));

    expect(joined).toEqual({
      ts: hours(0, 1, 2, 9),
      values: { a: Float64Array.of(1, NaN, 2, 3) },
      inserted: Uint8Array.of(0, 1, 0, 0),
    });
  });
});

describe('numberBlocks', () => {
  const none = (length: number): Uint8Array => new Uint8Array(length);

  it('begins a block after each gap, each change of grid and each row left out', () => {
    const ts = hours(0, 1, 3, 4, 5.5, 6.5, 7.5);
    const breaks = Uint8Array.of(0, 0, 0, 0, 0, 0, 1);

    expect([...numberBlocks(ts, { frequency: HOURLY, strict: true, breaks })]).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  it('takes up to one and a half steps for none where rows are taken as they come', () => {
    const months = Float64Array.from([0, 1, 2, 4, 5], (month) => Date.UTC(2001, month, 1));
    const frequency = { stepMs: 31 * DAY_MS, businessDays: false };

    expect([...numberBlocks(months, { frequency, strict: false, breaks: none(5) })]).toEqual([0, 0, 0, 1, 1]);
  });

  it('steps over weekends of business days', () => {
    const ts = Float64Array.from(range(8), (day) => START + day * DAY_MS).filter((_, day) => day % 7 < 5);
    const frequency = { stepMs: DAY_MS, businessDays: true };

    expect([...numberBlocks(ts, { frequency, strict: true, breaks: none(6) })]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
