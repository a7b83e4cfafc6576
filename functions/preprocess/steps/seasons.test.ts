import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../shared/testing/tables.ts';
import { randomNumbers, range } from '../../shared/testing/tables.ts';
import { DAY_MS } from '../../shared/dataset/spacing.ts';
import { arrayColumn } from '../columns/column.ts';
import { runWork } from '../threads/run-work.ts';
import { createStretches, detectSeasons, seasonCandidates } from './seasons.ts';

const seasonsOf = (...given: Parameters<typeof detectSeasons>): number[] => runWork(detectSeasons(...given));
const HOURLY = { stepMs: HOUR_MS, businessDays: false };
const ROWS = 2000;
const random = randomNumbers(7);
const noise = Float64Array.from(range(ROWS), () => random() - 0.5);
const daily = Float64Array.from(range(ROWS), (row) => Math.sin((2 * Math.PI * row) / 24));
const weekly = Float64Array.from(range(ROWS), (row) => (row % 168 < 120 ? 1 : 0));
const sum = (...columns: readonly Float64Array[]): Float64Array =>
  Float64Array.from(range(ROWS), (row) => columns.reduce((total, values) => total + (values[row] ?? 0), 0));
const trend = Float64Array.from(range(ROWS), (row) => row / 50);

describe('seasonCandidates', () => {
  it.each([
    [HOURLY, [24, 168]],
    [{ stepMs: 15 * 60_000, businessDays: false }, [4, 96, 672]],
    [{ stepMs: DAY_MS, businessDays: false }, [7, 365]],
    [{ stepMs: 7 * DAY_MS, businessDays: false }, [52]],
    [{ stepMs: DAY_MS, businessDays: true }, [5]],
    [{ stepMs: 7 * HOUR_MS, businessDays: false }, [24]],
  ])('of %j are %j', (frequency, expected) => {
    expect(seasonCandidates(frequency)).toEqual(expected);
  });
});

describe('detectSeasons', () => {
  it.each([
    ['a day', sum(daily, noise), [24]],
    ['a day and a week', sum(daily, weekly, noise), [24, 168]],
    [
      'a strong day and a weak week',
      sum(
        daily,
        daily,
        daily,
        weekly.map((value) => value / 5),
        noise.map((value) => value / 5),
      ),
      [24, 168],
    ],
    ['a day without noise', daily, [24]],
    ['a week alone', sum(weekly, noise), [168]],
    ['a day on a trend', sum(daily, trend, noise), [24]],
    ['nothing in noise', noise, []],
    ['nothing in a trend', trend, []],
    ['nothing in a constant', new Float64Array(ROWS).fill(0.1), []],
  ])('finds %s', (_, values, expected) => {
    expect(seasonsOf([arrayColumn(values)], HOURLY, 500)).toEqual(expected);
  });

  it('finds a season that most targets have, constants left out', () => {
    expect(
      seasonsOf([sum(daily, noise), daily, new Float64Array(ROWS)].map(arrayColumn), HOURLY, 500),
    ).toEqual([24]);
  });

  it('leaves out what has no room', () => {
    expect(seasonsOf([arrayColumn(sum(daily, weekly))], HOURLY, 100)).toEqual([24]);
    expect(seasonsOf([arrayColumn(sum(daily, weekly).subarray(0, 40))], HOURLY, 500)).toEqual([]);
  });
});

describe('createStretches', () => {
  it.each([1, 2, 7])('counts from the block’s first row to the range’s last, in pieces of %i', (rows) => {
    const block = Int32Array.of(0, 0, 0, 0, 1, 1, 2);
    const ts = Float64Array.from(block.keys());
    const stretches = createStretches([
      { from: 3, to: 6 },
      { from: 4, to: 7 },
      { from: 7, to: Infinity },
    ]);
    for (let start = 0; start < ts.length; start += rows)
      stretches.push(ts.subarray(start, start + rows), block.subarray(start, start + rows));

    expect(stretches.longest()).toEqual([4, 2, 0]);
  });
});
