import { describe, expect, it } from 'vitest';
import { hours, range } from '../../shared/testing/tables.ts';
import { arrayColumn } from '../columns/column.ts';
import { cutTimes, requireRows, segmentsOf, sharesInForce } from './segments.ts';

const lengths = (rows: number, split: readonly number[] = []): number[] => {
  const ts = arrayColumn(hours(...range(rows)));
  return Object.values(segmentsOf(ts, cutTimes(ts, undefined, sharesInForce(split, false)))).map(
    ({ start, end }) => end - start,
  );
};

describe('segments', () => {
  it('are .7, .1, .1, .1 of a file that stands alone', () => {
    expect(lengths(100)).toEqual([70, 10, 10, 10]);
    expect(lengths(10)).toEqual([7, 1, 1, 1]);
    expect(lengths(19)).toEqual([13, 2, 2, 2]);
  });

  it('are .8, .1, .1 of a file with a test file, which is the test segment', () => {
    const [train, test] = [hours(...range(100)), hours(...range(20).map((row) => 150 + row))];
    const cuts = cutTimes(arrayColumn(train), arrayColumn(test), sharesInForce([], true));

    expect(segmentsOf(arrayColumn(Float64Array.of(...train, ...test)), cuts)).toEqual({
      fit: { start: 0, end: 80 },
      validate: { start: 80, end: 90 },
      select: { start: 90, end: 100 },
      test: { start: 100, end: 120 },
    });
  });

  it('follow SPLIT', () => {
    expect(lengths(100, [0.5, 0.2, 0.2, 0.1])).toEqual([50, 20, 20, 10]);
  });

  it('are cut by rows of the source: inserted rows move no cut', () => {
    const source = arrayColumn(hours(0, 1, 2, 3, 4, 10, 11, 12, 13, 14));
    const cuts = cutTimes(source, undefined, sharesInForce([], false));

    expect(segmentsOf(arrayColumn(hours(...range(15))), cuts).fit).toEqual({ start: 0, end: 12 });
    expect(segmentsOf(arrayColumn(hours(0, 1, 3, 4, 11, 13, 14)), cuts).validate).toEqual({
      start: 5,
      end: 5,
    });
  });

  it.each([
    [[0.8, 0.1, 0.1], false, 'expected 4 shares without a test file'],
    [[0.7, 0.1, 0.1, 0.1], true, 'expected 3 shares with a test file'],
    [[0.8, 0.1, 0.2], true, 'that add up to 1, got 0.8,0.1,0.2'],
  ])('refuse the shares %j (test file: %s)', (split, hasTestFile, message) => {
    expect(() => sharesInForce(split, hasTestFile)).toThrow(
      expect.objectContaining({ code: 'setting_invalid', message: expect.stringContaining(message) }),
    );
  });

  it('need a window in fit and a horizon in each other', () => {
    const ts = arrayColumn(hours(...range(40)));
    const segments = segmentsOf(ts, cutTimes(ts, undefined, [0.7, 0.1, 0.1, 0.1]));

    expect(() => requireRows({ segments }, { INPUT_SEQ_LEN: 24, OUTPUT_SEQ_LEN: 4 }, 'x')).not.toThrow();
    expect(() =>
      requireRows({ segments }, { INPUT_SEQ_LEN: 25, OUTPUT_SEQ_LEN: 4 }, 'dataset/x.csv'),
    ).toThrow(
      'at least 29 rows in the fit segment of dataset/x.csv (INPUT_SEQ_LEN 25, OUTPUT_SEQ_LEN 4), got 28',
    );
    expect(() => requireRows({ segments }, { INPUT_SEQ_LEN: 1, OUTPUT_SEQ_LEN: 5 }, 'x')).toThrow(
      expect.objectContaining({
        code: 'rows_insufficient',
        message: expect.stringContaining('at least 5 rows in the validate segment'),
      }),
    );
  });
});
