import {
  closeSync,
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
  /** Every stored batch's header, oldest first. */
  headers(): Iterable<BatchHeader>;
  close(): void;
}

/**
 * One partition in one append-only file of record batches as they were received. The index is in memory, rebuilt at
 * the start by reading the batch headers; a torn or corrupt tail, which a kill in the middle of a write leaves, is cut.
 */
export function openPartitionLog(folder: string): PartitionLog {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'records.log'), 'a+');
  const { entries, headers, length } = recover(file);
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
      writeAll(file, placeBatch(batch, baseOffset));
      const lastOffset = baseOffset + BigInt(header.lastOffsetDelta);
      entries.push({
        baseOffset,
        lastOffset,
        position: size,
        size: batch.length,
        maxTimestamp: header.maxTimestamp,
      });
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
      writeFileSync(aside, String(start));
      renameSync(aside, join(folder, 'start'));
    },
    headers: () => headers,
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

function recover(file: number): { entries: Entry[]; headers: BatchHeader[]; length: number } {
  const entries: Entry[] = [];
  const headers: BatchHeader[] = [];
  const bytes = readFileSync(file);
  let position = 0;
  while (position < bytes.length) {
    const rest = bytes.subarray(position);
    const header = readBatchHeader(rest);
    if (typeof header === 'string' || !crcMatches(rest, header.size)) break;
    const lastOffset = header.baseOffset + BigInt(header.lastOffsetDelta);
    entries.push({
      baseOffset: header.baseOffset,
      lastOffset,
      position,
      size: header.size,
      maxTimestamp: header.maxTimestamp,
    });
    headers.push(header);
    position += header.size;
  }
  if (position < bytes.length) ftruncateSync(file, position);
  return { entries, headers, length: position };
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
