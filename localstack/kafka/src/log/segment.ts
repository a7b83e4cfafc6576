import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crcMatches, placeBatch, readBatchHeader, type BatchHeader } from '../protocol/record-batch.ts';

interface Entry {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly position: number;
  readonly size: number;
  readonly maxTimestamp: bigint;
}

/** One append-only file of record batches as they were received, and where each lies. */
export interface Segment {
  /** No record of it has a smaller offset. */
  readonly baseOffset: bigint;
  /** The offset after its last record. */
  readonly endOffset: bigint;
  /** Bytes. */
  readonly size: number;
  /** The largest timestamp in it, ms; undefined where it is empty. */
  readonly newest: bigint | undefined;
  /** In the operating system's hands when it returns. */
  append(batch: Buffer, header: BatchHeader, baseOffset: bigint): void;
  /** Whole batches from the one that holds `offset` on, or the next: one at least if `atLeastOne`, and as many as fit. */
  read(offset: bigint, maxBytes: number, atLeastOne: boolean): Buffer;
  /** The first batch at or after a time with a record from `from` on. */
  offsetAt(timestamp: bigint, from: bigint): { offset: bigint; timestamp: bigint } | undefined;
  close(): void;
  /** Closes it and deletes its file. */
  remove(): void;
}

/** Named by its base offset, as Kafka names them. */
export function segmentFile(folder: string, baseOffset: bigint): string {
  return join(folder, `${String(baseOffset).padStart(20, '0')}.log`);
}

/**
 * Opens or creates one. The index is in memory, rebuilt by reading the batch headers; from the first batch that is torn or
 * damaged on the file is cut, and `cutBytes` says how much that was.
 */
export function openSegment(
  folder: string,
  baseOffset: bigint,
  found: (header: BatchHeader) => void,
): { segment: Segment; cutBytes: number } {
  const path = segmentFile(folder, baseOffset);
  const file = openSync(path, 'a+');
  const { entries, length, cutBytes } = recover(file, found);
  let size = length;
  let newest = entries.reduce<bigint | undefined>(
    (most, { maxTimestamp }) => larger(most, maxTimestamp),
    undefined,
  );
  const segment: Segment = {
    baseOffset,
    get endOffset() {
      const last = entries.at(-1);
      return last === undefined ? baseOffset : last.lastOffset + 1n;
    },
    get size() {
      return size;
    },
    get newest() {
      return newest;
    },
    append: (batch, header, offset) => {
      try {
        writeAll(file, placeBatch(batch, offset));
      } catch (cause) {
        // A disk that is full takes a part; what follows must not lie behind it.
        ftruncateSync(file, size);
        throw cause;
      }
      entries.push(entryOf({ ...header, baseOffset: offset }, size));
      newest = larger(newest, header.maxTimestamp);
      size += batch.length;
    },
    read: (offset, maxBytes, atLeastOne) => readFrom(file, entries, { offset, maxBytes, atLeastOne }),
    offsetAt: (timestamp, from) => {
      const at = entries.find((entry) => entry.maxTimestamp >= timestamp && entry.lastOffset >= from);
      if (at === undefined) return undefined;
      return { offset: at.baseOffset > from ? at.baseOffset : from, timestamp: at.maxTimestamp };
    },
    close: () => {
      fsyncSync(file);
      closeSync(file);
    },
    remove: () => {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
  return { segment, cutBytes };
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b > a ? b : a;
}

function readFrom(
  file: number,
  entries: readonly Entry[],
  { offset, maxBytes, atLeastOne }: { offset: bigint; maxBytes: number; atLeastOne: boolean },
): Buffer {
  const first = firstIndex(entries, (entry) => entry.lastOffset >= offset);
  const from = entries[first];
  if (from === undefined || (!atLeastOne && from.size > maxBytes)) return Buffer.alloc(0);
  let end = from.position + from.size;
  for (const entry of entries.slice(first + 1, first + 10_000)) {
    if (entry.position + entry.size - from.position > maxBytes) break;
    end = entry.position + entry.size;
  }
  const bytes = Buffer.allocUnsafe(end - from.position);
  readSync(file, bytes, 0, bytes.length, from.position);
  return bytes;
}

/** Bytes read at a time; more than the largest batch. */
const WINDOW = 8 * 1024 * 1024;

function recover(
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

function entryOf({ baseOffset, lastOffsetDelta, size, maxTimestamp }: BatchHeader, position: number): Entry {
  return { baseOffset, lastOffset: baseOffset + BigInt(lastOffsetDelta), position, size, maxTimestamp };
}

function writeAll(file: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written);
}

/** Binary search in an ascending list. */
function firstIndex<T>(items: readonly T[], fits: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && fits(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
