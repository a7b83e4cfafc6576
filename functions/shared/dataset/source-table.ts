import type { Columns } from '@flts/model-runtime';

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
  /** Rows left out because a later row of the file has the same timestamp. */
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
 * The table in time order; of rows with the same timestamp the one that came last in the file stays.
 */
export function inTimeOrder(table: Omit<SourceTable, 'duplicates'>): SourceTable {
  const { ts } = table;
  const order = Int32Array.from(ts.keys());
  if (!increases(ts)) order.sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
  const kept = order.filter((row, index) => {
    const next = order[index + 1];
    return next === undefined || ts[next] !== ts[row];
  });
  return pickRows({ ...table, duplicates: order.length - kept.length }, kept);
}

function increases(ts: Float64Array): boolean {
  for (let row = 1; row < ts.length; row += 1) if ((ts[row] ?? 0) <= (ts[row - 1] ?? 0)) return false;
  return true;
}
