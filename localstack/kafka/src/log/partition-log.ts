import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
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

/** What is told while an existing log is read. */
export interface RecoveryEvents {
  /** Each whole batch, oldest first. */
  found(header: BatchHeader): void;
  /** So many bytes were cut from the end; the next record gets this offset. */
  cut(bytes: number, offset: bigint): void;
}

export interface PartitionLog {
  readonly startOffset: bigint;
  /** The offset that the next record gets. */
  readonly endOffset: bigint;
  /** Stores one batch; the offset of its first record. In the operating system's hands when it returns. */
  append(batch: Buffer, header: BatchHeader): bigint;
  /** Whole batches from the one that holds `offset` on, at least one, then as many as fit into maxBytes. */
  read(offset: bigint, maxBytes: number): Buffer;
  /** The first record at or after a time, ms; undefined where there is none. */
  offsetAt(timestamp: bigint): { offset: bigint; timestamp: bigint } | undefined;
  /** Moves the start; records below it are no longer read. */
  trim(startOffset: bigint): void;
  close(): void;
}

/**
 * One partition in one append-only file of record batches as they were received. The index is in memory, rebuilt at
 * the start by reading the batch headers; a torn or corrupt tail, which a kill in the middle of a write leaves, is cut.
 */
export function openPartitionLog(folder: string, events: RecoveryEvents): PartitionLog {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'records.log'), 'a+');
  const { entries, length } = recover(file, events);
  let size = length;
  let startOffset = readStart(folder);
  const endOffset = (): bigint => {
    const last = entries.at(-1);
    const end = last === undefined ? 0n : last.lastOffset + 1n;
    return end > startOffset ? end : startOffset;
  };
  return {
    get startOffset() {
      return startOffset;
    },
    get endOffset() {
      return endOffset();
    },
    append: (batch, header) => {
      const baseOffset = endOffset();
      try {
        writeAll(file, placeBatch(batch, baseOffset));
      } catch (cause) {
        // A disk that is full takes a part; what follows must not lie behind it.
        ftruncateSync(file, size);
        throw cause;
      }
      entries.push(entryOf({ ...header, baseOffset }, size));
      size += batch.length;
      return baseOffset;
    },
    read: (offset, maxBytes) => {
      const first = firstIndex(entries, (entry) => entry.lastOffset >= offset);
      const from = entries[first];
      if (from === undefined) return Buffer.alloc(0);
      let end = from.position + from.size;
      for (const entry of entries.slice(first + 1, first + 10_000)) {
        if (entry.position + entry.size - from.position > maxBytes) break;
        end = entry.position + entry.size;
      }
      const bytes = Buffer.allocUnsafe(end - from.position);
      readSync(file, bytes, 0, bytes.length, from.position);
      return bytes;
    },
    offsetAt: (timestamp) => {
      const found = entries.find(
        (entry) => entry.maxTimestamp >= timestamp && entry.lastOffset >= startOffset,
      );
      return found === undefined
        ? undefined
        : {
            offset: found.baseOffset > startOffset ? found.baseOffset : startOffset,
            timestamp: found.maxTimestamp,
          };
    },
    trim: (start) => {
      startOffset = start;
      const aside = join(folder, 'start.tmp');
      writeFileSync(aside, String(start), { flush: true });
      renameSync(aside, join(folder, 'start'));
    },
    close: () => {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function readStart(folder: string): bigint {
  try {
    return BigInt(readFileSync(join(folder, 'start'), 'utf8'));
  } catch {
    return 0n;
  }
}

/** Bytes read at a time; more than the largest batch. */
const WINDOW = 8 * 1024 * 1024;

function recover(file: number, events: RecoveryEvents): { entries: Entry[]; length: number } {
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
      events.found(header);
      at += header.size;
    }
    // Nothing whole in a whole window, or nothing left.
    if (at === 0) break;
    position += at;
  }
  if (position < total) {
    ftruncateSync(file, position);
    events.cut(total - position, (entries.at(-1)?.lastOffset ?? -1n) + 1n);
  }
  return { entries, length: position };
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
