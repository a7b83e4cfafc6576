import type { Series } from '@flts/model-runtime';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, hours, START } from '../../shared/testing/tables.ts';
import { joinAt, knownBefore, rowsInBlock, sliceRows } from './stored-rows.ts';

const frequency = { stepMs: HOUR_MS, businessDays: false };
const spacing = { frequency, strict: true };
/** Two blocks; the source misses `load` at hours 2 and 7. */
const series: Series = {
  ts: hours(0, 1, 2, 5, 6, 7, 8),
  block: Int32Array.of(0, 0, 0, 1, 1, 1, 1),
  columns: { load: Float64Array.of(1, 2, 2, 5, 6, 6, 8), flow: Float64Array.of(9, 8, 7, 6, 5, 4, 3) },
  actual: { load: Float64Array.of(1, 2, NaN, 5, 6, NaN, 8) },
};
const at = (hour: number): number => START + hour * HOUR_MS;

describe('stored rows', () => {
  it('join a request that begins exactly one step after one of them', () => {
    expect([3, 6, 9].map((hour) => joinAt(series, at(hour), spacing))).toEqual([
      { row: 2 },
      { row: 3 },
      { row: 6 },
    ]);
  });

  it('join no other: before the first, in a gap, past the end, off the grid', () => {
    expect([0, 5, 10, 8.5].map((hour) => joinAt(series, at(hour), spacing))).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('join within half a step more where rows are taken as they come', () => {
    const loose = { frequency, strict: false };
    expect([9.5, 9.6].map((hour) => joinAt(series, at(hour), loose))).toEqual([{ row: 6 }, undefined]);
  });

  it('join the next business day', () => {
    const days = { ...series, ts: Float64Array.of(Date.UTC(2024, 2, 1)) };
    const business = { frequency: { stepMs: 24 * HOUR_MS, businessDays: true }, strict: true };
    const join = (day: number) => joinAt(days, Date.UTC(2024, 2, day), business);
    expect([join(4), join(2), join(5)]).toEqual([{ row: 0 }, undefined, undefined]);
  });

  it('are counted within one block, and cut by count', () => {
    expect([rowsInBlock(series, 6, 10), rowsInBlock(series, 6, 2), rowsInBlock(series, 2, 10)]).toEqual([
      4, 2, 3,
    ]);
    expect(sliceRows(series, 6, 2)).toEqual({
      ts: hours(7, 8),
      columns: { load: Float64Array.of(6, 8), flow: Float64Array.of(4, 3) },
    });
  });

  it('give as many known values of each column as are weighed; a filled target is none', () => {
    const names = ['load', 'flow'];
    expect(knownBefore(series, { row: 5 }, { names, neighbours: 2 })).toEqual({
      ts: hours(5, 6, 7),
      values: { load: Float64Array.of(5, 6, NaN), flow: Float64Array.of(6, 5, 4) },
    });
    expect(knownBefore(series, { row: 1 }, { names, neighbours: 5 }).ts).toEqual(hours(0, 1));
  });
});
