import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { placeBatch, type BatchHeader } from '../protocol/record-batch.ts';
import { entryOf, firstIndex, recoverIndex, type Entry } from './segment-index.ts';

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
  /** The largest timestamp of its first batch, ms; undefined where it is empty. */
  readonly oldest: bigint | undefined;
  /** In the operating system's hands when it returns. */
  append(batch: Buffer, header: BatchHeader, baseOffset: bigint): void;
  /**
   * Whole batches from the one that holds `offset` on, or the next: one at least if `atLeastOne`, and as many as fit. The
   * first has records: some clients would ask again and again from the start of one without.
   */
  read(offset: bigint, maxBytes: number, atLeastOne: boolean): Buffer;
  /** The first batch at or after a time with a record from `from` on. */
  offsetAt(timestamp: bigint, from: bigint): { offset: bigint; timestamp: bigint } | undefined;
  /** Every batch, as it is stored, oldest first. */
  batches(): Iterable<Buffer>;
  sync(): void;
  /** Gives its file another name in the same folder. */
  rename(path: string): void;
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
  return openSegmentFile(segmentFile(folder, baseOffset), baseOffset, found);
}

/** One whose file has another name than its own. */
export function openSegmentFile(
  firstPath: string,
  baseOffset: bigint,
  found: (header: BatchHeader) => void = () => {},
): { segment: Segment; cutBytes: number } {
  let path = firstPath;
  const file = openSync(path, 'a+');
  const { entries, length, cutBytes } = recoverIndex(file, found);
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
    get oldest() {
      return entries[0]?.maxTimestamp;
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
      const at = entries.find(
        (entry) => !entry.isEmpty && entry.maxTimestamp >= timestamp && entry.lastOffset >= from,
      );
      if (at === undefined) return undefined;
      return { offset: at.baseOffset > from ? at.baseOffset : from, timestamp: at.maxTimestamp };
    },
    batches: function* () {
      for (const entry of entries) yield readBytes(file, entry.position, entry.size);
    },
    sync: () => fsyncSync(file),
    rename: (to) => {
      renameSync(path, to);
      path = to;
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
  let first = firstIndex(entries, (entry) => entry.lastOffset >= offset);
  while (entries[first]?.isEmpty === true) first += 1;
  const from = entries[first];
  if (from === undefined || (!atLeastOne && from.size > maxBytes)) return Buffer.alloc(0);
  let end = from.position + from.size;
  for (const entry of entries.slice(first + 1, first + 10_000)) {
    if (entry.position + entry.size - from.position > maxBytes) break;
    end = entry.position + entry.size;
  }
  return readBytes(file, from.position, end - from.position);
}

function readBytes(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  for (let more = length; more > 0 && read < length; read += more)
    more = readSync(file, bytes, read, length - read, position + read);
  // A file that something else has cut ends early; what lies in memory behind that is nobody's.
  return bytes.subarray(0, read);
}

function writeAll(file: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written);
}
