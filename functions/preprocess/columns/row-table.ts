import type { Columns, RowRange } from '@flts/model-runtime';
import { mapColumns, PIECE_ROWS, sliceColumn, type Column, type ColumnsByName } from './column.ts';
import type { Spill } from './spill.ts';

/** Consecutive rows in memory: a piece of a table. */
export interface Rows {
  /** Epoch ms, UTC. */
  readonly ts: Float64Array;
  readonly values: Columns;
}

/** Rows on disk, or a view of them. */
export interface RowTable {
  readonly ts: Column;
  readonly values: ColumnsByName;
}

export interface StoredRows extends RowTable {
  close(): void;
}

/**
 * A table's rows in order, some thousand at a time: fewer where there are many columns. The next ones take the place of those
 * before.
 */
export function* rowPieces({ ts, values }: RowTable): Generator<Rows> {
  const columns = Object.entries(values);
  const most = Math.max(64, Math.min(PIECE_ROWS, Math.floor((16 * PIECE_ROWS) / (columns.length + 1))));
  const room = (): Float64Array => new Float64Array(Math.min(most, ts.length));
  const [times, rooms] = [room(), columns.map(room)];
  for (let start = 0; start < ts.length; start += most) {
    const end = Math.min(start + most, ts.length);
    const read = columns.map(
      ([name, column], index) => [name, column.read(start, end, rooms[index])] as const,
    );
    yield { ts: ts.read(start, end, times), values: Object.fromEntries(read) };
  }
}

export function sliceRows<T extends RowTable>(table: T, range: RowRange): T {
  return {
    ...table,
    ts: sliceColumn(table.ts, range),
    values: mapColumns(table.values, (column) => sliceColumn(column, range)),
  };
}

/** Collects pieces into a table of columns of these names and, beside them, a timestamp. */
export function storeRows(
  spill: Spill,
  names: readonly string[],
): { readonly table: StoredRows; readonly append: (rows: Rows) => void } {
  const stored = spill.table(names.length + 1);
  const table: StoredRows = {
    ts: stored.column(0),
    values: Object.fromEntries(names.map((name, index) => [name, stored.column(index + 1)])),
    close: () => stored.close(),
  };
  const append = ({ ts, values }: Rows): void =>
    stored.append([ts, ...names.map((name) => values[name] ?? new Float64Array(ts.length).fill(NaN))]);
  return { table, append };
}
