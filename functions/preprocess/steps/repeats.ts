import { rowPieces, type RowTable } from '../columns/row-table.ts';

/** What is known of rows that share their time with another. */
export interface Repeats {
  /** Rows that are the same as another in every column. */
  readonly exact: number;
  /** Rows that would go although they hold something else than those that stay. */
  readonly conflicting: number;
  /** Columns whose values differ among the rows of each time: those that may tell which series a row is of; fewest values first. */
  readonly tellApart: readonly string[];
}

/** Values of a column that is looked at as one that groups rows; more of them are none. */
const MOST_VALUES = 1000;

/** Goes once through rows in time order. */
export function describeRepeats(sorted: RowTable): Repeats {
  const names = Object.keys(sorted.values);
  const columns = names.map((name) => ({ name, values: new Set<number>(), differs: true }));
  const counts = { exact: 0, conflicting: 0 };
  let open: { readonly at: number; readonly rows: number[][] } = { at: NaN, rows: [] };
  const close = (): void => {
    if (open.rows.length < 2) return;
    const distinct = new Map(open.rows.map((row) => [row.join(), row]));
    counts.exact += open.rows.length - distinct.size;
    counts.conflicting += distinct.size - 1;
    for (const [index, column] of columns.entries()) {
      const values = new Set([...distinct.values()].map((row) => row[index] ?? NaN));
      if (values.size < distinct.size || values.has(NaN)) column.differs = false;
    }
  };
  for (const { ts, values } of rowPieces(sorted)) {
    for (const [row, at] of ts.entries()) {
      if (at !== open.at) {
        close();
        open = { at, rows: [] };
      }
      const cells = names.map((name) => values[name]?.[row] ?? NaN);
      open.rows.push(cells);
      for (const [index, { values: seen }] of columns.entries())
        if (seen.size <= MOST_VALUES) seen.add(cells[index] ?? NaN);
    }
  }
  close();
  const most = Math.min(MOST_VALUES, sorted.ts.length / 2);
  const candidates = columns.filter(
    ({ values, differs }) => differs && values.size > 1 && values.size <= most,
  );
  return {
    ...counts,
    tellApart: candidates.toSorted((a, b) => a.values.size - b.values.size).map(({ name }) => name),
  };
}
