import { describe, expect, it } from 'vitest';
import { cosineTurn, sineTurn } from './turn.ts';

describe('sine and cosine of a turn', () => {
  it.each([
    [0, 0, 1],
    [1 / 4, 1, 0],
    [1 / 2, 0, -1],
    [3 / 4, -1, 0],
    [1, 0, 1],
    [-1 / 4, -1, 0],
    [7.25, 1, 0],
  ])('are exact at %d', (share, sine, cosine) => {
    // Zero has two signs.
    expect([sineTurn(share) + 0, cosineTurn(share) + 0]).toEqual([sine, cosine]);
  });

  it('keep within a rounding of the true values, all around', () => {
    const off = Array.from({ length: 4801 }, (_, index) => (index - 1200) / 2400).map((share) => {
      const angle = 2 * Math.PI * (share - Math.floor(share));
      return Math.max(
        Math.abs(sineTurn(share) - Math.sin(angle)),
        Math.abs(cosineTurn(share) - Math.cos(angle)),
      );
    });
    expect(Math.max(...off)).toBeLessThan(1e-15);
  });

  it('have the same bits everywhere: hours of a day', () => {
    expect([1, 5, 11, 17, 23].map((hour) => [sineTurn(hour / 24), cosineTurn(hour / 24)])).toEqual(HOURS);
  });

  it('are what they are for a share without a number', () => {
    expect([sineTurn(Number.NaN), cosineTurn(Number.POSITIVE_INFINITY)]).toEqual([Number.NaN, Number.NaN]);
  });
});

/** Of 1, 5, 11, 17 and 23 o'clock. */
const HOURS: readonly (readonly [number, number])[] = [
  [0.25881904510252074, 0.9659258262890683],
  [0.9659258262890683, 0.2588190451025207],
  [0.25881904510252085, -0.9659258262890683],
  [-0.9659258262890683, -0.2588190451025205],
  [-0.2588190451025205, 0.9659258262890683],
];
