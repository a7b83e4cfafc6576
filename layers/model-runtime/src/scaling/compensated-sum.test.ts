import { describe, expect, it } from 'vitest';
import { compensatedSum } from './compensated-sum.ts';

describe('a compensated sum', () => {
  it.each([
    ['small ones lost between large ones', [1, 1e100, 1, -1e100], 2],
    ['ten tenths', Array.from({ length: 10 }, () => 0.1), 1],
    ['a large start', [1e16, ...Array.from({ length: 1000 }, () => 1)], 1e16 + 1000],
    ['one value', [-0.3], -0.3],
    ['nothing', [], 0],
  ])('keeps %s', (_name, values, sum) => {
    expect(compensatedSum(values)).toBe(sum);
    expect(compensatedSum(Float64Array.from(values))).toBe(sum);
  });

  it('is not a number where a value is none', () => {
    expect(compensatedSum([1, Number.NaN, 2])).toBeNaN();
  });
});
