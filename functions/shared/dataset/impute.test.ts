import { describe, expect, it } from 'vitest';
import { createImputer, imputeColumn } from './impute.ts';

const HOUR = 3_600_000;
const hours = (...at: number[]): Float64Array => Float64Array.from(at, (hour) => hour * HOUR);
const column = (...values: number[]): Float64Array => Float64Array.from(values);

describe('imputeColumn', () => {
  it('weighs the most recent known values by their distance', () => {
    const { values, filled } = imputeColumn(column(1, 10, 40, Number.NaN, Number.NaN), hours(0, 1, 2, 3, 4), {
      neighbours: 2,
      mean: 0,
    });

    expect(filled).toBe(2);
    expect(values[3]).toBeCloseTo((40 / 1 + 10 / 2) / (1 + 1 / 2), 12);
    expect(values[4]).toBeCloseTo((40 / 2 + 10 / 3) / (1 / 2 + 1 / 3), 12);
  });

  it('measures distance in time where rows are missing', () => {
    const { values } = imputeColumn(column(10, 40, Number.NaN), hours(0, 9, 10), { neighbours: 2, mean: 0 });

    expect(values[2]).toBeCloseTo((40 + 10 / 10) / (1 + 1 / 10), 12);
  });

  it('fills cells without any past by the mean, and later cells from one known value', () => {
    const { values } = imputeColumn(column(Number.NaN, 7, Number.NaN), hours(0, 1, 2), {
      neighbours: 3,
      mean: 5,
    });

    expect([...values]).toEqual([5, 7, 7]);
  });

  it.each([
    ['ffill', [5, 0.1, 0.1, 0.1, 7, 7]],
    ['mean', [5, 0.1, 5, 5, 7, 5]],
  ] as const)('fills as %s says, by the mean where nothing is known', (method, filled) => {
    const { values } = imputeColumn(
      column(Number.NaN, 0.1, Number.NaN, Number.NaN, 7, Number.NaN),
      hours(0, 1, 2, 3, 4, 5),
      { method, neighbours: 2, mean: 5 },
    );

    expect([...values]).toEqual(filled);
  });

  it('changes no known value', () => {
    const known = column(3, -0, 1e308);

    expect([...imputeColumn(known, hours(0, 1, 2), { neighbours: 1, mean: 0 }).values]).toEqual([
      3, -0, 1e308,
    ]);
  });
});

describe('createImputer', () => {
  it.each(['neighbours', 'ffill', 'mean'] as const)('fills by %s pieces as it fills all', (method) => {
    const values = Float64Array.of(NaN, 1, NaN, 3, NaN, NaN, 4, 5, NaN);
    const ts = Float64Array.from(values.keys(), (row) => row * row + 1);
    const how = { method, neighbours: 3, mean: 9 };
    const impute = createImputer(how);
    const pieces = Array.from(values.keys(), (row) =>
      impute(values.subarray(row, row + 1), ts.subarray(row, row + 1)),
    );

    const whole = imputeColumn(values, ts, how);
    expect(Float64Array.from(pieces.flatMap((piece) => [...piece.values]))).toEqual(whole.values);
    expect(pieces.reduce((sum, { filled }) => sum + filled, 0)).toBe(whole.filled);
  });
});
