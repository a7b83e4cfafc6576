import { valuesOf, type Column } from '../columns/column.ts';
import { toldOfLeftOut } from '../csv/told.ts';
import type { ParsedRows } from './in-order.ts';

/** No name (a column without one is called by its place), or one that is given to numbers of rows. */
const INDEX_NAME =
  /^(?:column_\d+|unnamed(?:: ?\d+)?|index|idx|id|#|no\.?|nr\.?|num|number|row|rownames?|level_0|(?:row|line)[_ .-]?(?:id|index|no|nr|num|number))$/iu;

/**
 * The rows without columns that number them: those that have no name or an index's, begin with 0 or 1 and count up by one, as
 * long as another column is left and none of the settings names them.
 */
export function withoutIndex(parsed: ParsedRows, wanted: readonly string[] = []): ParsedRows {
  const { rows, columns, leftOut = [], understood = [] } = parsed;
  const counting = columns.filter(
    (name) => INDEX_NAME.test(name) && !wanted.includes(name) && countsRows(rows.values[name]),
  );
  if (counting.length === 0 || counting.length === columns.length) return parsed;
  return {
    ...parsed,
    columns: columns.filter((name) => !counting.includes(name)),
    leftOut: [...leftOut, ...counting],
    understood: [...understood, ...counting.map((name) => toldOfLeftOut(name, 'index'))],
  };
}

/** One row alone tells nothing. */
function countsRows(column: Column | undefined): boolean {
  if (column === undefined || column.length < 2) return false;
  let next: number | undefined;
  for (const values of valuesOf(column)) {
    for (let row = 0; row < values.length; row += 1) {
      next ??= values[0] === 0 ? 0 : 1;
      if (values[row] !== next) return false;
      next += 1;
    }
  }
  return true;
}
