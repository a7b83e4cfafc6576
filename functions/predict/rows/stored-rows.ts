import type { Columns, Frequency, Series } from '@flts/model-runtime';
import { numberBlocks } from '../../shared/dataset/regularise.ts';
import { mapColumns } from '../../shared/dataset/source-table.ts';

/** Stored rows that a request goes on from: the last of them is `row`, one step before the request's first. */
export interface Join {
  readonly row: number;
}

export interface Spacing {
  readonly frequency: Frequency;
  /** false: a step may be half as long again (REGULARISE=off). */
  readonly strict: boolean;
}

/** Where the stored rows that lie exactly one step before `first` end; undefined where there are none. */
export function joinAt(series: Series, first: number, spacing: Spacing): Join | undefined {
  const row = lastBefore(series.ts, first);
  const at = series.ts[row];
  if (at === undefined) return undefined;
  const [, block] = numberBlocks(Float64Array.of(at, first), { ...spacing, breaks: new Uint8Array(2) });
  return block === 0 ? { row } : undefined;
}

/** Number of the last row before `at`; -1 where there is none. `ts` increases. */
function lastBefore(ts: Float64Array, at: number): number {
  let [low, high] = [0, ts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ts[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many rows up to and including `row` follow each other, at most `most`. */
export function rowsInBlock({ block }: Pick<Series, 'block'>, row: number, most: number): number {
  let rows = 0;
  while (rows < most && row - rows >= 0 && block[row - rows] === block[row]) rows += 1;
  return rows;
}

export function concatenate(first: Float64Array | undefined, second: Float64Array): Float64Array {
  const joined = new Float64Array((first?.length ?? 0) + second.length);
  joined.set(first ?? []);
  joined.set(second, first?.length ?? 0);
  return joined;
}

/** The rows (row - rows, row], with all their columns. */
export function sliceRows(
  { ts, columns }: Pick<Series, 'ts' | 'columns'>,
  row: number,
  rows: number,
): { ts: Float64Array; columns: Columns } {
  const cut = (values: Float64Array): Float64Array => values.slice(row - rows + 1, row + 1);
  return { ts: cut(ts), columns: mapColumns(columns, cut) };
}

/**
 * As many stored rows up to the join as hold `neighbours` known values of each column. Cells that the source does not
 * have are NaN in targets, since a filled cell is never weighed; of other columns the stored value is taken.
 */
export function knownBefore(
  { ts, columns, actual }: Series,
  { row }: Join,
  { names, neighbours }: { names: readonly string[]; neighbours: number },
): { ts: Float64Array; values: Columns } {
  const known = (name: string, at: number): boolean =>
    !Number.isNaN(actual[name]?.[at] ?? columns[name]?.[at]);
  const starts = names.map((name) => {
    let [found, at] = [0, row + 1];
    while (at > 0 && found < neighbours) {
      at -= 1;
      if (known(name, at)) found += 1;
    }
    return at;
  });
  const start = Math.min(row + 1, ...starts);
  const values = names.map((name) => {
    const column = (columns[name] ?? new Float64Array()).slice(start, row + 1);
    return [name, column.map((value, index) => (known(name, start + index) ? value : NaN))] as const;
  });
  return { ts: ts.slice(start, row + 1), values: Object.fromEntries(values) };
}
