import { describe, expect, it } from 'vitest';
import { seasonalSeries } from '../testing/series.ts';
import type { Segments } from '../types.ts';
import { commonOrigins } from './common-origins.ts';

/** A select segment that has `count` origins of horizon 1. */
function common(count: number, seasons: readonly number[] = []): { stride: number; origins: Int32Array } {
  const series = { ...seasonalSeries(10), block: new Int32Array(10 + count) };
  const select = { start: 10, end: 10 + count };
  const empty = { start: 0, end: 0 };
  const segments: Segments = { fit: empty, validate: empty, select, test: empty };
  return commonOrigins(series, segments, { segment: 'select', contextRows: 5, horizon: 1, seasons });
}

describe('common origins', () => {
  it.each([
    [0, 1, 0],
    [50, 1, 50],
    [100_000, 1, 100_000],
    [100_001, 11, 9091],
    [1_050_000, 11, 95_455],
    [1_150_000, 17, 67_648],
  ])('of %d have stride %d and are %d', (count, stride, kept) => {
    const found = common(count);
    expect([found.stride, found.origins.length]).toEqual([stride, kept]);
    expect([...found.origins].at(-1) ?? 10).toBe(10 + Math.max(0, kept - 1) * stride);
  });

  it('visit every hour of the day and of the week alike', () => {
    const { origins } = common(200_000);
    for (const cycle of [24, 168]) {
      const visits = new Map<number, number>();
      for (const origin of origins) visits.set(origin % cycle, (visits.get(origin % cycle) ?? 0) + 1);
      expect(visits.size).toBe(cycle);
      expect(Math.max(...visits.values()) - Math.min(...visits.values())).toBeLessThanOrEqual(1);
    }
  });

  it('share no factor with a season of the data', () => {
    const { stride } = common(200_000, [11]);
    expect(stride).toBe(17);
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
