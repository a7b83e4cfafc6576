import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { columnAt, offsetOf, readFully, writeFully } from './column-place.ts';
import type { Column } from './column.ts';
import { createWriteBehind, type WriteBehind } from './write-behind.ts';

/** Bytes of a table that wait in memory until they are written. */
const BLOCK_BYTES = 4 << 20;
const MOST_BLOCK_ROWS = 1 << 15;
const WIDTH = Float64Array.BYTES_PER_ELEMENT;

/**
 * Columns on disk that grow by rows: 8 bytes a cell, in blocks of some thousand rows which hold one column after the other.
 * The file has no name any more once it is open, so that whatever ends the process frees its space.
 */
export interface SpillTable {
  readonly rows: number;
  /** One array a column, all of one length. */
  append(columns: readonly Float64Array[]): void;
  column(index: number): Column;
  /** Frees the disk; columns cannot be read any more. */
  close(): void;
}

/** Makes the tables of one run; `close` closes those that are still open. */
export interface Spill {
  table(columns: number): SpillTable;
  /** A column of so many rows, whose values are still to be written to the file, one after the other. */
  openColumn(rows: number): { readonly descriptor: number; readonly column: Column };
  close(): void;
}

export function createSpill(folder: string): Spill {
  const open = new Set<Pick<SpillTable, 'close'>>();
  let made = 0;
  const openFile = <T>(openIt: (file: string) => T): T => {
    made += 1;
    const file = join(folder, `columns-${made}`);
    const opened = openIt(file);
    unlinkSync(file);
    return opened;
  };
  return {
    table: (columns) => {
      const files = openFile((file) => ({
        descriptor: openSync(file, 'wx+'),
        behind: createWriteBehind(openSync(file, 'r+')),
      }));
      const table = createSpillTable(files, columns, () => open.delete(table));
      open.add(table);
      return table;
    },
    openColumn: (rows) => {
      const descriptor = openFile((file) => openSync(file, 'wx+'));
      open.add({ close: () => closeSync(descriptor) });
      const place = {
        descriptor,
        columns: 1,
        column: 0,
        blockRows: MOST_BLOCK_ROWS,
        rows: { start: 0, end: rows },
      };
      return { descriptor, column: columnAt(place) };
    },
    close: () => {
      for (const table of open) table.close();
    },
  };
}

interface SpillFiles {
  readonly descriptor: number;
  readonly behind: WriteBehind;
}

function createSpillTable(
  { descriptor, behind }: SpillFiles,
  columns: number,
  onClose: () => void,
): SpillTable {
  const blockRows = rowsOfBlock(columns);
  let block = new Float64Array(columns * blockRows);
  // The block that is written while the next one fills, and its first row.
  let before = { values: new Float64Array(), start: 0 };
  let [rows, written] = [0, 0];
  const layout = { columns, blockRows };
  const writeBlock = (): void => writeFully(descriptor, block, offsetOf(layout, 0, written));
  const flush = (): void => {
    // While one is still on its way the next is written here: two are in memory at most.
    if (behind.begin(block, offsetOf(layout, 0, written))) {
      const free = before.values.length > 0 ? before.values : new Float64Array(block.length);
      [before, block] = [{ values: block, start: written }, free];
    } else writeBlock();
    written += blockRows;
  };
  const isOnItsWay = (row: number): boolean =>
    behind.isBusy() && row >= before.start && row < before.start + blockRows;
  const copyFrom = (values: Float64Array, at: number, target: Float64Array): void =>
    target.set(values.subarray(at, at + target.length));
  const append = (values: readonly Float64Array[]): void => {
    const added = values[0]?.length ?? 0;
    for (let from = 0; from < added;) {
      const within = rows - written;
      const taken = Math.min(added - from, blockRows - within);
      for (let column = 0; column < columns; column += 1)
        block.set(values[column]?.subarray(from, from + taken) ?? [], column * blockRows + within);
      from += taken;
      rows += taken;
      if (rows - written === blockRows) flush();
    }
  };
  const read = (column: number, start: number, end: number, room?: Float64Array): Float64Array => {
    behind.check();
    const length = Math.max(0, end - start);
    const values = room === undefined ? new Float64Array(length) : room.subarray(0, length);
    for (let from = start; from < end;) {
      const to = Math.min(end, from - (from % blockRows) + blockRows);
      const target = values.subarray(from - start, to - start);
      const first = column * blockRows + from;
      if (from >= written) copyFrom(block, first - written, target);
      else if (isOnItsWay(from)) copyFrom(before.values, first - before.start, target);
      else readFully(descriptor, target, offsetOf(layout, column, from));
      from = to;
    }
    return values;
  };
  return {
    get rows() {
      return rows;
    },
    append,
    column: (index) => ({
      get length() {
        return rows;
      },
      read: (start, end, room) => read(index, start, end, room),
      place: () => {
        behind.check();
        // Rows that wait in memory, or are on their way, are seen by this thread alone.
        if (behind.isBusy()) writeFully(descriptor, before.values, offsetOf(layout, 0, before.start));
        if (written < rows) writeBlock();
        return { ...layout, descriptor, column: index, rows: { start: 0, end: rows } };
      },
    }),
    close: () => {
      closeSync(descriptor);
      behind.close();
      onClose();
    },
  };
}

/** A power of two, so that pieces of one do not straddle two blocks. */
function rowsOfBlock(columns: number): number {
  let rows = MOST_BLOCK_ROWS;
  while (rows > 64 && rows * columns * WIDTH > BLOCK_BYTES) rows /= 2;
  return rows;
}
