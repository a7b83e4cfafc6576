import { describe, expect, it } from 'vitest';
import { hours, tableOf } from '../testing/tables.ts';
import { inTimeOrder, repeatedRow } from './source-table.ts';

const table = tableOf(hours(3, 1, 2, 1, 1, 3), {
  a: [3, 10, 2, 20, 60, NaN],
  b: [NaN, NaN, 2, NaN, 4, NaN],
});

describe('inTimeOrder', () => {
  it('keeps the last of the rows with the same timestamp', () => {
    const { ts, values, duplicates } = inTimeOrder(table);

    expect(ts).toEqual(hours(1, 2, 3));
    expect(values).toEqual({ a: Float64Array.of(60, 2, NaN), b: Float64Array.of(4, 2, NaN) });
    expect(duplicates).toBe(3);
  });

  it('gives such rows the mean of what is known of each column', () => {
    const { ts, values, duplicates } = inTimeOrder(table, 'mean');

    expect(ts).toEqual(hours(1, 2, 3));
    expect(values).toEqual({ a: Float64Array.of(30, 2, 3), b: Float64Array.of(4, 2, NaN) });
    expect(duplicates).toBe(3);
  });

  it('changes nothing about rows that increase', () => {
    const rising = tableOf(hours(1, 2, 3), { a: [1, NaN, 3] });
    for (const rule of ['last', 'mean', 'error'] as const) expect(inTimeOrder(rising, rule)).toEqual(rising);
  });
});

describe('repeatedRow', () => {
  it('is the first in the file’s order, with the one before it', () => {
    expect(repeatedRow(table.ts)).toEqual({ row: 3, first: 1 });
    expect(repeatedRow(hours(3, 2, 1))).toBeUndefined();
    expect(repeatedRow(hours(1, 2, 3))).toBeUndefined();
  });
});
