import { sliceRows, type RowTable } from '../columns/row-table.ts';

export interface Sampling {
  /** 0: all. */
  readonly rows: number;
  readonly strategy: 'head' | 'tail' | 'random';
  readonly seed: number;
}

/** The first, the last, or one seeded block of consecutive rows: a view, nothing is copied. */
export function sampleRows<T extends RowTable>(table: T, { rows, strategy, seed }: Sampling): T {
  const total = table.ts.length;
  if (rows === 0 || rows >= total) return table;
  const starts = { head: 0, tail: total - rows, random: Math.floor(uniform(seed) * (total - rows + 1)) };
  return sliceRows(table, { start: starts[strategy], end: starts[strategy] + rows });
}

/** The first number in [0, 1) of the generator mulberry32 (Ettinger, 2017, public domain) with this seed. */
function uniform(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
