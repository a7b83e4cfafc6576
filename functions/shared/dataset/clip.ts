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
    const result = clipValues(column, own);
    clipped[name] = result.clipped;
    return result.values;
  });
  return { values, clipped };
}

/** The same for one column's values, or a piece of them. */
export function clipValues(
  values: Float64Array,
  bounds: Bounds,
): { readonly values: Float64Array; readonly clipped: number } {
  const result = values.map((value) => clip(value, bounds));
  let clipped = 0;
  for (let row = 0; row < values.length; row += 1)
    if (result[row] !== values[row] && !Number.isNaN(values[row])) clipped += 1;
  return { values: result, clipped };
}

export function clip(value: number, { lower, upper }: Bounds): number {
  if (value < lower) return lower;
  return value > upper ? upper : value;
}
