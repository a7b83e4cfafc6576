import type { Columns } from '@flts/model-runtime';
import { mapColumns } from './source-table.ts';

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Moves values outside their column's bounds to the nearer one; missing cells (NaN) stay, and so does a column without
 * bounds. Returns the columns, and how many cells of each were moved.
 */
export function clipColumns(
  columns: Columns,
  bounds: Readonly<Record<string, Bounds>>,
): { values: Columns; clipped: Readonly<Record<string, number>> } {
  const clipped: Record<string, number> = {};
  const values = mapColumns(columns, (column, name) => {
    const own = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
    if (own === undefined) return column;
    const result = column.map((value) => clip(value, own));
    clipped[name] = result.filter((value, row) => value !== column[row] && !Number.isNaN(value)).length;
    return result;
  });
  return { values, clipped };
}

function clip(value: number, { lower, upper }: Bounds): number {
  if (value < lower) return lower;
  return value > upper ? upper : value;
}
