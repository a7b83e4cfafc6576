import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from './column.ts';

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
  close(): void;
}

export function createSpill(folder: string): Spill {
  const open = new Set<SpillTable>();
  let made = 0;
  return {
    table: (columns) => {
      made += 1;
      const table = createSpillTable(join(folder, `columns-${made}`), columns, () => open.delete(table));
      open.add(table);
      return table;
    },
    close: () => {
      for (const table of open) table.close();
    },
  };
}

function createSpillTable(file: string, columns: number, onClose: () => void): SpillTable {
  const descriptor = openSync(file, 'wx+');
  unlinkSync(file);
  const blockRows = rowsOfBlock(columns);
  const block = new Float64Array(columns * blockRows);
  let [rows, written] = [0, 0];
  const place = (column: number, row: number): number => {
    const within = row % blockRows;
    return ((row - within) * columns + column * blockRows + within) * WIDTH;
  };
  const flush = (): void => {
    writeFully(descriptor, block, written * columns * WIDTH);
    written += blockRows;
  };
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
    const length = Math.max(0, end - start);
    const values = room === undefined ? new Float64Array(length) : room.subarray(0, length);
    for (let from = start; from < end;) {
      const to = Math.min(end, from - (from % blockRows) + blockRows);
      const target = values.subarray(from - start, to - start);
      if (from < written) readFully(descriptor, target, place(column, from));
      else target.set(block.subarray(column * blockRows + from - written, column * blockRows + to - written));
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
    }),
    close: () => {
      closeSync(descriptor);
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

function writeFully(descriptor: number, values: Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;)
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

function readFully(descriptor: number, values: Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new RangeError(`expected ${bytes.length} bytes at ${position}, got ${done}`);
    done += read;
  }
}
