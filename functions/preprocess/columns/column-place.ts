import { readSync, writeSync } from 'node:fs';
import type { RowRange } from '@flts/model-runtime';
import type { Column } from './column.ts';

const WIDTH = Float64Array.BYTES_PER_ELEMENT;

/** How a file holds columns of 8 bytes a cell: in blocks of rows, each with one column after the other. */
export interface BlockLayout {
  readonly columns: number;
  readonly blockRows: number;
}

/** Where the values of a column lie in a file that is open in this process: any of its threads can read them there. */
export interface ColumnPlace extends BlockLayout {
  readonly descriptor: number;
  readonly column: number;
  readonly rows: RowRange;
}

/** Offset in the file, in bytes. */
export function offsetOf({ columns, blockRows }: BlockLayout, column: number, row: number): number {
  const within = row % blockRows;
  return ((row - within) * columns + column * blockRows + within) * WIDTH;
}

export function columnAt(place: ColumnPlace): Column {
  const { descriptor, column, blockRows, rows } = place;
  const read = (from: number, to: number, room?: Float64Array): Float64Array => {
    const length = Math.max(0, to - from);
    const values = room === undefined ? new Float64Array(length) : room.subarray(0, length);
    const [start, end] = [rows.start + from, rows.start + to];
    for (let row = start; row < end;) {
      const next = Math.min(end, row - (row % blockRows) + blockRows);
      readFully(descriptor, values.subarray(row - start, next - start), offsetOf(place, column, row));
      row = next;
    }
    return values;
  };
  return { length: rows.end - rows.start, read, place: () => place };
}

export function writeFully(descriptor: number, values: Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;)
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

export function readFully(descriptor: number, values: Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new RangeError(`expected ${bytes.length} bytes at ${position}, got ${done}`);
    done += read;
  }
}
