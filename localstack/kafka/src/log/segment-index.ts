// Where each batch of a segment lies: in memory, rebuilt from the file at the start.
import { fstatSync, ftruncateSync, readSync } from 'node:fs';
import { crcMatches, readBatchHeader, type BatchHeader } from '../protocol/record-batch.ts';

/** A batch in its file. */
export interface Entry {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly position: number;
  readonly size: number;
  readonly maxTimestamp: bigint;
  /** No record of it is left after a compaction. */
  readonly isEmpty: boolean;
}

/** Bytes read at a time; more than the largest batch. */
const WINDOW = 8 * 1024 * 1024;

/** Reads a segment's headers, and cuts it from the first batch on that is torn or damaged. */
export function recoverIndex(
  file: number,
  found: (header: BatchHeader) => void,
): { entries: Entry[]; length: number; cutBytes: number } {
  const entries: Entry[] = [];
  const { size: total } = fstatSync(file);
  const window = Buffer.allocUnsafe(Math.min(WINDOW, total));
  let position = 0;
  for (;;) {
    const read = readSync(file, window, 0, window.length, position);
    let at = 0;
    for (;;) {
      const rest = window.subarray(at, read);
      const header = readBatchHeader(rest);
      if (typeof header === 'string' || !crcMatches(rest, header.size)) break;
      entries.push(entryOf(header, position + at));
      found(header);
      at += header.size;
    }
    // Nothing whole in a whole window, or nothing left.
    if (at === 0) break;
    position += at;
  }
  if (position < total) ftruncateSync(file, position);
  return { entries, length: position, cutBytes: total - position };
}

export function entryOf(header: BatchHeader, position: number): Entry {
  const { baseOffset, lastOffsetDelta, size, maxTimestamp, recordCount } = header;
  const lastOffset = baseOffset + BigInt(lastOffsetDelta);
  return { baseOffset, lastOffset, position, size, maxTimestamp, isEmpty: recordCount === 0 };
}

/** Binary search in an ascending list. */
export function firstIndex<T>(items: readonly T[], fits: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && fits(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
