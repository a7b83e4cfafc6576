import { compensatedSum, type Columns } from '@flts/model-runtime';
import type { DuplicateRule } from './rules.ts';

/** A parsed file: rows in time order, one a timestamp. */
export interface SourceTable {
  /** Name of the time column. */
  readonly indexColumn: string;
  /** Names of the numeric columns, in the file's order. */
  readonly columns: readonly string[];
  /** Epoch ms, UTC, strictly increasing. */
  readonly ts: Float64Array;
  /** By name; NaN where the cell was missing. */
  readonly values: Columns;
  /** Rows that are none of their own because another has the same timestamp. */
  readonly duplicates: number;
}

/** The rows of `table` that `rows` names, in that order. */
export function pickRows(table: SourceTable, rows: Int32Array): SourceTable {
  return {
    ...table,
    ts: gather(table.ts, rows),
    values: mapColumns(table.values, (values) => gather(values, rows)),
  };
}

/** The values of `rows`, in that order; NaN where there is no such row. */
export function gather(values: Float64Array, rows: Int32Array): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) gathered[index] = values[rows[index] ?? -1] ?? NaN;
  return gathered;
}

export function mapColumns(
  columns: Columns,
  change: (values: Float64Array, name: string) => Float64Array,
): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, change(values, name)]));
}

/**
 * The table in time order. Of rows with the same timestamp the one that came last in the file stays, with the mean of
 * each column's known values where the rule is mean. (Whoever has the rule error looks for repeatedRow first.)
 */
export function inTimeOrder(
  table: Omit<SourceTable, 'duplicates'>,
  rule: DuplicateRule = 'last',
): SourceTable {
  const { ts } = table;
  const order = Int32Array.from(ts.keys());
  if (!increases(ts)) order.sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
  const last = order.map((row, index) => (ts[order[index + 1] ?? -1] === ts[row] ? 0 : 1));
  const kept = order.filter((_, index) => last[index] === 1);
  const picked = pickRows({ ...table, duplicates: order.length - kept.length }, kept);
  if (rule !== 'mean' || picked.duplicates === 0) return picked;
  return { ...picked, values: mapColumns(table.values, (values) => groupMeans(gather(values, order), last)) };
}

/** Means of consecutive values, NaN left out; `last` has 1 at the end of each group. */
function groupMeans(values: Float64Array, last: Int32Array): Float64Array {
  const means: number[] = [];
  let start = 0;
  for (let index = 0; index < last.length; index += 1) {
    if (last[index] !== 1) continue;
    const known = values.subarray(start, index + 1).filter((value) => !Number.isNaN(value));
    means.push(known.length < 2 ? (known[0] ?? NaN) : compensatedSum(known) / known.length);
    start = index + 1;
  }
  return Float64Array.from(means);
}

/** The first row whose timestamp one before it has, and that one; in the file's order. */
export function repeatedRow(ts: Float64Array): { row: number; first: number } | undefined {
  if (increases(ts)) return undefined;
  const seen = new Map<number, number>();
  for (const [row, at] of ts.entries()) {
    const first = seen.get(at);
    if (first !== undefined) return { row, first };
    seen.set(at, row);
  }
  return undefined;
}

function increases(ts: Float64Array): boolean {
  for (let row = 1; row < ts.length; row += 1) if ((ts[row] ?? 0) <= (ts[row - 1] ?? 0)) return false;
  return true;
}
