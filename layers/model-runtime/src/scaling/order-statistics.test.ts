import { describe, expect, it } from 'vitest';
import { orderStatistics } from './order-statistics.ts';
import type { Piecewise } from './piecewise.ts';
import { quantiles } from './quantiles.ts';

/** Ordinary numbers, and those that a comparison by bits might get wrong. */
function mixed(rows: number): Float64Array {
  const odd = [0, -0, 5e-324, -5e-324, 1e308, -1e308, Infinity, -Infinity, 1, -1, 1 + Number.EPSILON];
  return Float64Array.from({ length: rows }, (_, row) =>
    row % 3 === 0 ? (odd[(row / 3) % odd.length] ?? 0) : Math.sin(row) * 10 ** ((row % 13) - 6),
  );
}

const inPieces = (values: Float64Array, rows: number): Piecewise => ({
  length: values.length,
  pieces: function* () {
    for (let start = 0; start < values.length; start += rows) yield values.subarray(start, start + rows);
  },
});

describe('orderStatistics', () => {
  it.each([1, 2, 7, 1000])('are what sorting finds, in pieces of %i', (rows) => {
    const values = mixed(500);
    const ranks = Array.from(values.keys());
    const sorted = values.toSorted();

    const found = orderStatistics(inPieces(values, rows), ranks);
    expect(found.filter((value, rank) => !Object.is(value, sorted[rank]))).toEqual([]);
  });

  it('leaves the values as they are', () => {
    const values = mixed(50);
    const before = Float64Array.from(values);
    orderStatistics(inPieces(values, 50), [3]);

    expect(values).toEqual(before);
  });
});

describe('quantiles', () => {
  it('lie straight between the two nearest values', () => {
    expect(quantiles(inPieces(Float64Array.of(4, 1, 3, 2), 3), [0, 0.25, 0.5, 0.9, 1])).toEqual([
      1, 1.75, 2.5, 3.7, 4,
    ]);
  });

  it('are none of no values', () => {
    expect(quantiles(inPieces(new Float64Array(), 1), [0.5])).toEqual([NaN]);
  });
});
