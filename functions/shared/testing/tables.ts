import type { SourceTable } from '../dataset/source-table.ts';

export const HOUR_MS = 3_600_000;
/** A Monday. */
export const START = Date.UTC(2001, 0, 1);

/** Epoch ms of hours after START. */
export const hours = (...at: readonly number[]): Float64Array =>
  Float64Array.from(at, (hour) => START + hour * HOUR_MS);

/** A parsed file with a row at each of `ts`. */
export function tableOf(ts: Float64Array, values: Readonly<Record<string, ArrayLike<number>>>): SourceTable {
  return {
    indexColumn: 'time',
    columns: Object.keys(values),
    ts,
    values: Object.fromEntries(
      Object.entries(values).map(([name, column]) => [name, Float64Array.from(column)]),
    ),
    duplicates: 0,
  };
}

export const range = (length: number): number[] => [...Array.from({ length }).keys()];

/** Numbers in [0, 1) from a seed (Park and Miller, 1988). */
export function randomNumbers(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
