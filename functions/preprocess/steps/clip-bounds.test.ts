import { describe, expect, it } from 'vitest';
import { clipColumns } from '../../shared/dataset/clip.ts';
import { preprocessSettings } from '../../shared/settings/settings.ts';
import { range } from '../../shared/testing/tables.ts';
import { arrayColumn } from '../columns/column.ts';
import { clipBounds } from './clip-bounds.ts';

const settings = (values: Readonly<Record<string, unknown>>) => preprocessSettings.parse(values);
const column = (...values: readonly number[]): Float64Array => Float64Array.from(values);
const whole = { start: 0, end: 5 };
const five = column(4, 1, NaN, 3, 2);

describe('clipBounds', () => {
  it.each([
    [{ CLIP_METHOD: 'iqr' }, { lower: 1.75 - 1.5 * 1.5, upper: 3.25 + 1.5 * 1.5 }],
    [
      { CLIP_METHOD: 'iqr', CLIP_FACTOR: 0.5 },
      { lower: 1, upper: 4 },
    ],
    [
      { CLIP_METHOD: 'quantile', CLIP_QUANTILES: '.1,.5' },
      { lower: 1.3, upper: 2.5 },
    ],
    [
      { CLIP_METHOD: 'quantile', CLIP_QUANTILES: '0,1' },
      { lower: 1, upper: 4 },
    ],
    [
      { CLIP_METHOD: 'zscore', CLIP_FACTOR: 2 },
      { lower: 2.5 - 2 * Math.sqrt(1.25), upper: 2.5 + 2 * Math.sqrt(1.25) },
    ],
  ])('by %j are those of the known values', (values, { lower, upper }) => {
    const bounds = clipBounds(arrayColumn(five), whole, settings(values));

    expect(bounds?.lower).toBeCloseTo(lower, 14);
    expect(bounds?.upper).toBeCloseTo(upper, 14);
  });

  it('are from the fit rows alone', () => {
    const fit = { start: 0, end: 100 };
    const before = Float64Array.from(range(150));
    const after = before.map((value, row) => (row < 100 ? value : 1e9 * value));

    for (const CLIP_METHOD of ['iqr', 'zscore', 'quantile'])
      expect(clipBounds(arrayColumn(after), fit, settings({ CLIP_METHOD }))).toEqual(
        clipBounds(arrayColumn(before), fit, settings({ CLIP_METHOD })),
      );
  });

  it.each([
    ['whose quartiles are equal', 'iqr', column(0, 0, 0, 0, 9)],
    ['that does not vary', 'zscore', column(7, 7, 7, 7, 7)],
    ['whose quantiles are equal', 'quantile', column(7, 7, 7, 7, 7)],
    ['without a known value', 'iqr', column(NaN, NaN, NaN, NaN, NaN)],
    ['whose spread is no number', 'zscore', column(-1e308, 1e308, -1e308, 1e308, 0)],
  ])('are none for a column %s', (_, CLIP_METHOD, a) => {
    expect(clipBounds(arrayColumn(a), whole, settings({ CLIP_METHOD }))).toBeUndefined();
  });

  it('are none where nothing is clipped', () => {
    expect(clipBounds(arrayColumn(five), whole, settings({}))).toBeUndefined();
  });
});

describe('clipColumns', () => {
  it('moves what lies outside to the nearer bound, and leaves missing cells and other columns', () => {
    const { values, clipped } = clipColumns(
      { a: column(-5, 0, 1, 2, NaN), b: column(-5, 9, 1, 2, NaN) },
      { a: { lower: 0, upper: 1.5 } },
    );

    expect(values['a']).toEqual(column(0, 0, 1, 1.5, NaN));
    expect(values['b']).toEqual(column(-5, 9, 1, 2, NaN));
    expect(clipped).toEqual({ a: 2 });
  });
});
