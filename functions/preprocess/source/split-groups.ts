import { firstAtLeast, rowNumbers, sliceColumn, valueAt, type Column } from '../columns/column.ts';
import { sortRows } from '../columns/sort-rows.ts';
import type { Spill } from '../columns/spill.ts';
import type { ParsedRows } from './in-order.ts';

/**
 * The rows of each group, by its value, in the file's order. They are views of one table, sorted by group on disk, whose place the
 * parsed rows leave.
 */
export function splitGroups(parsed: ParsedRows, spill: Spill): ReadonlyMap<string, ParsedRows> {
  const { rows, groups, indexColumn, columns, understood, timeOfRow } = parsed;
  if (groups === undefined) throw new TypeError('expected rows that are grouped');
  const named = (column: (name: string) => Column | undefined): Record<string, Column> =>
    Object.fromEntries(columns.map((name) => [name, column(name) ?? rows.ts]));
  const sorted = sortRows(spill, {
    ts: rows.values[groups.column] ?? rows.ts,
    values: {
      ...named((name) => rows.values[name]),
      [indexColumn]: rows.ts,
      [groups.column]: rowNumbers(rows.ts.length),
    },
  });
  rows.close();
  const groupOf = (place: number): ParsedRows => {
    const range = { start: firstAtLeast(sorted.ts, place), end: firstAtLeast(sorted.ts, place + 1) };
    const column = (name: string): Column => sliceColumn(sorted.values[name] ?? sorted.ts, range);
    const numbers = column(groups.column);
    return {
      rows: { ts: column(indexColumn), values: named(column), close: () => {} },
      indexColumn,
      columns,
      understood,
      timeOfRow: (row) => timeOfRow(valueAt(numbers, row) ?? 0),
    };
  };
  return new Map(groups.values.map((value, place) => [value, groupOf(place)]));
}
