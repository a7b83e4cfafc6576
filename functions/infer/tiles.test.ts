import { describe, expect, it } from 'vitest';
import { tilesOf, type TilesOf } from './tiles.ts';

const tiles = (of: Partial<TilesOf> & { lengths: readonly number[] }): [number, number][] => {
  const block = Int32Array.from(of.lengths.flatMap((length, nth) => Array.from({ length }, () => nth)));
  const all = { block, rows: { start: 0, end: block.length }, contextRows: 2, horizon: 3, most: 500, ...of };
  return tilesOf(all).map(({ origin, steps }) => [origin, steps]);
};

describe('tilesOf', () => {
  it('tiles the rows from the first with enough context to the end, then goes once beyond it', () => {
    expect(tiles({ lengths: [8] })).toEqual([
      [2, 3],
      [5, 3],
      [8, 3],
    ]);
  });

  it('makes the last tile as long as there are rows', () => {
    expect(tiles({ lengths: [7] })).toEqual([
      [2, 3],
      [5, 2],
      [7, 3],
    ]);
  });

  it('takes context from rows before the claim’s own', () => {
    expect(tiles({ lengths: [10], rows: { start: 6, end: 10 } })).toEqual([
      [6, 3],
      [9, 1],
      [10, 3],
    ]);
  });

  it('never lets a window span two blocks, and goes beyond the last one alone', () => {
    expect(tiles({ lengths: [4, 5] })).toEqual([
      [2, 2],
      [6, 3],
      [9, 3],
    ]);
  });

  it('passes over a block that is too short, and does not go beyond it', () => {
    expect(tiles({ lengths: [5, 1] })).toEqual([[2, 3]]);
    expect(tiles({ lengths: [1] })).toEqual([]);
  });

  it('keeps the newest windows', () => {
    expect(tiles({ lengths: [20], most: 2 })).toEqual([
      [17, 3],
      [20, 3],
    ]);
  });

  it('does not reach past the claim’s rows into those that follow', () => {
    expect(tiles({ lengths: [10], rows: { start: 0, end: 6 } })).toEqual([
      [2, 3],
      [5, 1],
      [6, 3],
    ]);
  });
});
