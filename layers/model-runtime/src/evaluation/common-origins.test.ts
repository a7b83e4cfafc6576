import { describe, expect, it } from 'vitest';
import { seasonalSeries } from '../testing/series.ts';
import type { Segments } from '../types.ts';
import { commonOrigins } from './common-origins.ts';

/** A select segment that has `count` origins of horizon 1. */
function common(count: number): { stride: number; origins: Int32Array } {
  const series = seasonalSeries(10 + count);
  const select = { start: 10, end: 10 + count };
  const empty = { start: 0, end: 0 };
  const segments: Segments = { fit: empty, validate: empty, select, test: empty };
  return commonOrigins(series, segments, { segment: 'select', contextRows: 5, horizon: 1 });
}

describe('common origins', () => {
  it.each([
    [0, 1, 0],
    [50, 1, 50],
    [398, 1, 398],
    [399, 2, 200],
    [1000, 5, 200],
    [1200, 6, 200],
    [1194, 5, 239],
  ])('of %d have stride %d and are %d', (count, stride, kept) => {
    const found = common(count);
    expect([found.stride, found.origins.length]).toEqual([stride, kept]);
    expect([...found.origins]).toEqual(Array.from({ length: kept }, (_, nth) => 10 + nth * stride));
  });

  it('have the largest stride that leaves 200', () => {
    for (let count = 200; count < 1500; count += 37) {
      const { stride, origins } = common(count);
      expect(origins.length).toBeGreaterThanOrEqual(200);
      expect(Math.ceil(count / (stride + 1))).toBeLessThan(200);
    }
  });

  it('lie in the segment asked for, and reach back into the ones before it', () => {
    const series = seasonalSeries(20);
    const [fit, rest] = [
      { start: 0, end: 10 },
      { start: 10, end: 10 },
    ];
    const segments: Segments = { fit, validate: rest, select: rest, test: { start: 10, end: 14 } };
    const found = commonOrigins(series, segments, { segment: 'test', contextRows: 10, horizon: 3 });
    expect(found).toEqual({ stride: 1, origins: Int32Array.from([10, 11]) });
  });
});
