import { describe, expect, it } from 'vitest';
import { hours, range } from '../../shared/testing/tables.ts';
import { arrayColumn, wholeColumn } from '../columns/column.ts';
import { sampleRows } from './sampling.ts';

const table = {
  ts: arrayColumn(hours(...range(100))),
  values: { a: arrayColumn(Float64Array.from(range(100))) },
};
const sampled = (rows: number, strategy: 'head' | 'tail' | 'random', seed = 42): number[] => [
  ...wholeColumn(sampleRows(table, { rows, strategy, seed }).values.a),
];

describe('sampleRows', () => {
  it('takes the first or the last rows', () => {
    expect(sampled(3, 'head')).toEqual([0, 1, 2]);
    expect(sampled(3, 'tail')).toEqual([97, 98, 99]);
    expect([...wholeColumn(sampleRows(table, { rows: 2, strategy: 'tail', seed: 0 }).ts)]).toEqual([
      ...hours(98, 99),
    ]);
  });

  it('takes all rows for 0 or more than there are', () => {
    expect(sampleRows(table, { rows: 0, strategy: 'random', seed: 1 })).toBe(table);
    expect(sampleRows(table, { rows: 100, strategy: 'random', seed: 1 })).toBe(table);
  });

  it('takes one block that its seed chooses', () => {
    const block = sampled(10, 'random');

    expect(block).toEqual(range(10).map((row) => (block[0] ?? 0) + row));
    expect(sampled(10, 'random')).toEqual(block);
    const starts = range(200).map((seed) => sampled(10, 'random', seed)[0] ?? -1);
    expect(new Set(starts).size).toBeGreaterThan(60);
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...starts)).toBeLessThanOrEqual(90);
  });
});
