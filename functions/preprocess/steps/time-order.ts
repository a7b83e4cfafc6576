import type { Columns } from '@flts/model-runtime';
import { createCell } from '../../shared/dataset/resample.ts';
import type { DuplicateRule } from '../../shared/dataset/rules.ts';
import { gather, mapColumns } from '../../shared/dataset/source-table.ts';
import { rowNumbers, valuesOf, type Column } from '../columns/column.ts';
import { rowPieces, storeRows, type Rows, type StoredRows } from '../columns/row-table.ts';
import { sortRows } from '../columns/sort-rows.ts';
import type { Spill } from '../columns/spill.ts';

export interface OrderedRows {
  readonly table: StoredRows;
  /** Rows that are none of their own because another has the same timestamp. */
  readonly duplicates: number;
}

/** Rows by ascending time. */
export interface SortedRows {
  readonly sorted: StoredRows;
  /** Whether none has the time of another. */
  readonly isOnePerTime: boolean;
}

/** Rows that are in order already stay where they are. */
export function sortedByTime(spill: Spill, rows: StoredRows): SortedRows {
  const order = orderOf(rows.ts);
  return {
    sorted: order === 'none' ? sortRows(spill, rows) : rows,
    isOnePerTime: order === 'one a time',
  };
}

/** One row a timestamp, as inTimeOrder of functions/shared has them; `sorted` is closed where others take its place. */
export function onePerTimestamp(
  spill: Spill,
  { sorted, isOnePerTime }: SortedRows,
  rule: DuplicateRule,
): OrderedRows {
  if (isOnePerTime) return { table: sorted, duplicates: 0 };
  const { table, append } = storeRows(spill, Object.keys(sorted.values));
  for (const piece of onePerTime(rowPieces(sorted), rule)) append(piece);
  const duplicates = sorted.ts.length - table.ts.length;
  sorted.close();
  return { table, duplicates };
}

/** Both; `rows` is closed where others take its place. */
export function inTimeOrder(spill: Spill, rows: StoredRows, rule: DuplicateRule = 'last'): OrderedRows {
  const sorting = sortedByTime(spill, rows);
  const ordered = onePerTimestamp(spill, sorting, rule);
  if (sorting.sorted !== rows) rows.close();
  return ordered;
}

type Order = 'one a time' | 'ascending' | 'none';

function orderOf(ts: Column): Order {
  let order: Order = 'one a time';
  let before = Number.NEGATIVE_INFINITY;
  for (const values of valuesOf(ts)) {
    for (let row = 0; row < values.length; row += 1) {
      const at = values[row] ?? NaN;
      if (at < before) return 'none';
      if (at === before) order = 'ascending';
      before = at;
    }
  }
  return order;
}

/** Of rows with the same timestamp the last, with the mean of each column's known values where the rule is mean. */
function onePerTime(pieces: Iterable<Rows>, rule: DuplicateRule): Iterable<Rows> {
  return rule === 'mean' ? meanPerTime(pieces) : lastPerTime(pieces);
}

/** Holds back the last row of each piece: the next may begin with the same time. */
function* lastPerTime(pieces: Iterable<Rows>): Generator<Rows> {
  let held: Rows | undefined;
  for (const piece of pieces) {
    const { ts } = piece;
    if (held !== undefined && held.ts[0] !== ts[0]) yield held;
    const last = ts.length - 1;
    const kept = Int32Array.from(ts.keys()).filter((row) => row < last && ts[row + 1] !== ts[row]);
    yield pick(piece, kept);
    held = pick(piece, Int32Array.of(last));
  }
  if (held !== undefined) yield held;
}

function pick({ ts, values }: Rows, rows: Int32Array): Rows {
  return { ts: gather(ts, rows), values: mapColumns(values, (column) => gather(column, rows)) };
}

/** Adds up the rows of the open time. */
function* meanPerTime(pieces: Iterable<Rows>): Generator<Rows> {
  let means: ReturnType<typeof createMeans> | undefined;
  for (const { ts, values } of pieces) {
    means ??= createMeans(Object.keys(values));
    for (const [row, at] of ts.entries()) means.add(at, values, row);
    yield means.take();
  }
  if (means === undefined) return;
  means.close();
  yield means.take();
}

function createMeans(names: readonly string[]) {
  const cells = names.map((name) => ({ name, cell: createCell('mean') }));
  let open: number | undefined;
  let [ts, columns] = [[] as number[], names.map(() => [] as number[])];
  const close = (): void => {
    if (open === undefined) return;
    ts.push(open);
    for (const [index, { cell }] of cells.entries()) columns[index]?.push(cell.take());
  };
  return {
    add: (at: number, values: Columns, row: number): void => {
      if (at !== open) close();
      open = at;
      for (const { name, cell } of cells) cell.add(values[name]?.[row] ?? NaN);
    },
    close,
    /** The times that are closed. */
    take: (): Rows => {
      const taken = columns.map((values, index) => [names[index] ?? '', Float64Array.from(values)] as const);
      const rows = { ts: Float64Array.from(ts), values: Object.fromEntries(taken) };
      [ts, columns] = [[], names.map(() => [])];
      return rows;
    },
  };
}

/**
 * The first row, in the file's order, whose timestamp one before it has, and the first with it; undefined where each comes
 * once. `ts`: in the file's order.
 */
export function repeatedTime(spill: Spill, ts: Column): { row: number; first: number } | undefined {
  const order = orderOf(ts);
  if (order === 'one a time') return undefined;
  const numbered = { ts, values: { row: rowNumbers(ts.length) }, close: () => {} };
  const sorted = order === 'ascending' ? numbered : sortRows(spill, numbered);
  let found: { row: number; first: number } | undefined;
  let group: { readonly at: number; readonly first: number; rows: number } | undefined;
  for (const piece of rowPieces(sorted)) {
    for (const [index, at] of piece.ts.entries()) {
      const row = piece.values['row']?.[index] ?? 0;
      if (group?.at !== at) group = { at, first: row, rows: 0 };
      group.rows += 1;
      if (group.rows === 2 && row < (found?.row ?? Number.POSITIVE_INFINITY))
        found = { row, first: group.first };
    }
  }
  sorted.close();
  return found;
}
