import type { RowRange } from '@flts/model-runtime';
import type { ColumnPlace } from './column-place.ts';

/** Numbers, one a row, that need not be in memory: whoever wants them reads them piece by piece. NaN is a missing cell. */
export interface Column {
  /** Rows. */
  readonly length: number;
  /**
   * The values of rows [start, end), which the caller must not change. Where they have to be put somewhere, they may be put
   * into `room`, which holds as many: it saves the collector as much garbage.
   */
  read(start: number, end: number, room?: Float64Array): Float64Array;
  /** Where the values lie, for other threads; columns that are not on disk have none. */
  readonly place?: () => ColumnPlace;
}

export type ColumnsByName = Readonly<Record<string, Column>>;

/** Rows that are read at once: their values stay in the processor's cache. */
export const PIECE_ROWS = 16_384;

export interface Piece {
  /** Row of the first value. */
  readonly start: number;
  readonly values: Float64Array;
}

/** The column's values in order, `rows` at a time; the next ones take the place of those before. */
export function* piecesOf(
  column: Column,
  { start, end }: RowRange = { start: 0, end: column.length },
  rows = PIECE_ROWS,
): Generator<Piece> {
  const room = new Float64Array(Math.min(rows, Math.max(0, end - start)));
  for (let from = start; from < end; from += rows)
    yield { start: from, values: column.read(from, Math.min(from + rows, end), room) };
}

/** The values of piecesOf alone. */
export function* valuesOf(column: Column): Generator<Float64Array> {
  for (const { values } of piecesOf(column)) yield values;
}

export function arrayColumn(values: Float64Array): Column {
  return { length: values.length, read: (start, end) => values.subarray(start, end) };
}

/** Rows [start, end) of another. */
export function sliceColumn(column: Column, { start, end }: RowRange): Column {
  const { place } = column;
  return {
    length: end - start,
    read: (from, to, room) => column.read(start + from, start + to, room),
    ...(place && { place: () => slicePlace(place(), start, end) }),
  };
}

function slicePlace(place: ColumnPlace, start: number, end: number): ColumnPlace {
  const first = place.rows.start;
  return { ...place, rows: { start: first + start, end: first + end } };
}

/** Another's values, each changed when it is read: nothing is stored. */
export function mapColumn(column: Column, change: (value: number, row: number) => number): Column {
  return {
    length: column.length,
    read: (start, end, room) => {
      const values = column.read(start, end, room);
      // A column that is in memory hands out its own values.
      const changed = values.buffer === room?.buffer ? values : new Float64Array(values.length);
      for (let index = 0; index < values.length; index += 1)
        changed[index] = change(values[index] ?? NaN, start + index);
      return changed;
    },
  };
}

export function mapColumns(
  columns: ColumnsByName,
  change: (column: Column, name: string) => Column,
): ColumnsByName {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, change(column, name)]));
}

/** The value of one row; undefined beyond either end. */
export function valueAt(column: Column, row: number): number | undefined {
  return row < 0 || row >= column.length ? undefined : column.read(row, row + 1)[0];
}

/** The first row whose value is at least `least`, or the length; `column` ascends. */
export function firstAtLeast(column: Column, least: number): number {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((valueAt(column, middle) ?? least) >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A copy of all values: for tests, and for columns that are known to be short. */
export function wholeColumn(column: Column): Float64Array {
  return column.read(0, column.length).slice();
}

/** 0, 1, 2, …: rows' own numbers. */
export function rowNumbers(length: number): Column {
  return {
    length,
    read: (start, end) => Float64Array.from({ length: end - start }, (_, row) => start + row),
  };
}
