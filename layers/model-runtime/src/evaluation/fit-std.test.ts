import { describe, expect, it } from 'vitest';
import type { Segments, Series } from '../types.ts';
import { fitStandardDeviations } from './fit-std.ts';

function deviation(values: readonly number[], rows = values.length): number | undefined {
  const actual = { y: Float64Array.from(values) };
  const series: Series = { ts: new Float64Array(), block: new Int32Array(), columns: {}, actual };
  const rest = { start: rows, end: values.length };
  const segments: Segments = { fit: { start: 0, end: rows }, validate: rest, select: rest, test: rest };
  return fitStandardDeviations(series, segments, ['y'])['y'];
}

describe('the deviation of a target in fit', () => {
  it('is that of the population, over the rows of fit alone', () => {
    expect(deviation([2, 4, 4, 4, 5, 5, 7, 9, 1000], 8)).toBe(2);
  });

  it('passes over missing truth', () => {
    expect(deviation([1, Number.NaN, 3])).toBe(1);
  });

  it('is 0 where nothing is known', () => {
    expect(deviation([Number.NaN, Number.NaN])).toBe(0);
    expect(deviation([])).toBe(0);
  });

  it.each([0.1, 0.3, 1 / 3, 1e-9, 123_456.789])(
    'is 0 for a constant %d, whatever rounding makes of it',
    (value) => {
      for (const rows of [3, 7, 10, 49, 1000])
        expect(deviation(Array.from({ length: rows }, () => value))).toBe(0);
    },
  );

  it('is kept where it is small but real', () => {
    expect(deviation([1e6, 1e6 + 1e-6])).toBeCloseTo(5e-7, 9);
  });
});
