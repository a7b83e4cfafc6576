import { describe, expect, it } from 'vitest';
import { hours, HOUR_MS, range, START, tableOf } from '../testing/tables.ts';
import { createBlockNumbers, fillGaps, insertMissingRows, numberBlocks } from './regularise.ts';
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

describe('fillGaps', () => {
  it.each([
    [1, 1],
    [3, 2],
    [7, 1000],
  ])('makes of pieces of %i rows, cut at %i, what insertMissingRows makes of all', (rows, pieceRows) => {
    const at = [0, 1, 2, 9, 10, 10.5, 11.5, 30, 31];
    const whole = tableOf(hours(...at), { a: at });
    const rules = { frequency: { stepMs: HOUR_MS, businessDays: false }, most: 100, place: 'x' };
    const pieces = range(Math.ceil(at.length / rows)).map((piece) => {
      const cut = at.slice(piece * rows, (piece + 1) * rows);
      return tableOf(hours(...cut), { a: cut });
    });
    const filled = [...fillGaps(pieces, { ...rules, pieceRows })];

    const expected = insertMissingRows(whole, rules);
    expect(Float64Array.from(filled.flatMap(({ ts }) => [...ts]))).toEqual(expected.ts);
    expect(Uint8Array.from(filled.flatMap(({ inserted }) => [...inserted]))).toEqual(expected.inserted);
    expect(Float64Array.from(filled.flatMap(({ values }) => [...(values['a'] ?? [])]))).toEqual(
      expected.values['a'],
    );
    expect(Math.max(...filled.map(({ ts }) => ts.length))).toBeLessThanOrEqual(pieceRows + rows);
    expect(() => [...fillGaps(pieces, { ...rules, most: 5, pieceRows })]).toThrow('at most 5 rows fill');
  });
});

describe('createBlockNumbers', () => {
  it('numbers the rows of pieces as those of all', () => {
    const ts = hours(0, 1, 2, 4, 5, 5.5, 6.5, 9);
    const breaks = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0);
    const rules = { frequency: { stepMs: HOUR_MS, businessDays: false }, strict: true };
    const number = createBlockNumbers(rules);
    const pieces = range(ts.length).flatMap((row) => [
      ...number(ts.subarray(row, row + 1), breaks.subarray(row, row + 1)),
    ]);

    expect(pieces).toEqual([0, 0, 1, 2, 2, 3, 3, 4]);
    expect(numberBlocks(ts, { ...rules, breaks })).toEqual(Int32Array.from(pieces));
  });
});
