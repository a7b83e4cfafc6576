import type { RowRange } from '@flts/model-runtime';

/** One window of a claim: the forecast from row `origin` on (which it does not know) of `steps` rows. */
export interface Tile {
  readonly origin: number;
  readonly steps: number;
}

export interface TilesOf {
  /** Of every row; rows of one block follow each other. */
  readonly block: Int32Array;
  /** The rows that the claim is on; context may reach back before them. */
  readonly rows: RowRange;
  /** At least 1. */
  readonly contextRows: number;
  readonly horizon: number;
  /** The newest ones are kept. */
  readonly most: number;
}

/**
 * The windows of a claim: one every `horizon` rows, so that they tile the rows from the first with enough context to
 * the last of its block (the last tile of a block may be shorter), then one beyond the end.
 */
export function tilesOf({ block, rows, contextRows, horizon, most }: TilesOf): Tile[] {
  const tiles: Tile[] = [];
  for (const { start, end } of blocksIn(block, rows.end)) {
    const first = Math.max(rows.start, start + contextRows);
    for (let origin = first; origin < end; origin += horizon)
      tiles.push({ origin, steps: Math.min(horizon, end - origin) });
    if (end === rows.end && end - start >= contextRows && end > rows.start)
      tiles.push({ origin: end, steps: horizon });
  }
  return tiles.slice(-most);
}

/** The blocks of rows [0, end). */
function blocksIn(block: Int32Array, end: number): RowRange[] {
  const ranges: RowRange[] = [];
  let start = 0;
  for (let row = 1; row <= end; row += 1) {
    if (row < end && block[row] === block[row - 1]) continue;
    ranges.push({ start, end: row });
    start = row;
  }
  return ranges;
}
