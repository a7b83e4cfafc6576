import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { BatchHeader } from '../protocol/record-batch.ts';
import { compact } from './compaction.ts';
import type { Retention } from './retention.ts';
import { openSegment, segmentFile, type Segment } from './segment.ts';
import { finishSwaps } from './swap.ts';

/** What is told while an existing log is read, and asked while it is compacted. */
export interface LogEvents {
  /** Each whole batch, oldest first. */
  found(header: BatchHeader): void;
  /** So many bytes were cut from the end; the next record gets this offset. */
  cut(bytes: number, offset: bigint): void;
  /** Whether a batch must be known by its header even without records. */
  keepsEmpty(header: BatchHeader): boolean;
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
  /** Moves the start; records below it are no longer read, and segments that hold no other are deleted. */
  trim(startOffset: bigint): void;
  /** Deletes whole segments of which every record is older than the topic keeps them, or that are more than it keeps. */
  retain(now: number): void;
  /** One pass of compaction where the topic asks for it and enough is new; whether anything was written anew. */
  compact(now: number): Promise<boolean>;
  close(): void;
}

/**
 * One partition: record batches as they were received, in segments, of which the last is appended to. A torn or damaged
 * tail, which a kill in the middle of a write leaves, is cut, with whatever lies behind it.
 */
export function openPartitionLog(folder: string, retention: Retention, events: LogEvents): PartitionLog {
  const { segmentBytes, segmentMs, retentionMs, retentionBytes } = retention;
  let isOpen = true;
  mkdirSync(folder, { recursive: true });
  let startOffset = readStart(folder);
  const segments = openSegments(folder, startOffset, events);
  const active = (): Segment => {
    const last = segments.at(-1);
    if (last === undefined) throw new Error(`expected a segment in ${folder}`);
    return last;
  };
  const endOffset = (): bigint => {
    const { endOffset: end } = active();
    return end > startOffset ? end : startOffset;
  };
  const roll = (): void => {
    const { segment } = openSegment(folder, endOffset(), () => {});
    segments.push(segment);
  };
  const trim = (start: bigint): void => {
    startOffset = start;
    const aside = join(folder, 'start.tmp');
    writeFileSync(aside, String(start), { flush: true });
    renameSync(aside, join(folder, 'start'));
    while (segments.length > 1 && (segments[0]?.endOffset ?? start) <= start) segments.shift()?.remove();
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
      const { size, oldest } = active();
      const isLate = oldest !== undefined && header.maxTimestamp - oldest > BigInt(segmentMs);
      if (size > 0 && (size + batch.length > segmentBytes || isLate)) roll();
      active().append(batch, header, baseOffset);
      return baseOffset;
    },
    read: (offset, maxBytes) => {
      const parts: Buffer[] = [];
      let length = 0;
      for (const segment of segments.slice(lastFrom(segments, offset))) {
        const part = segment.read(offset, maxBytes - length, length === 0);
        if (part.length === 0 && length > 0) break;
        parts.push(part);
        length += part.length;
      }
      return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    },
    offsetAt: (timestamp) => {
      for (const segment of segments) {
        const found = segment.offsetAt(timestamp, startOffset);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    trim,
    retain: (now) => {
      const isOld = ({ newest }: Segment): boolean =>
        retentionMs >= 0 && newest !== undefined && newest < BigInt(now - retentionMs);
      if (isOld(active())) roll();
      let bytes = segments.reduce((sum, { size }) => sum + size, 0);
      let start = startOffset;
      for (const segment of segments.slice(0, -1)) {
        if (!isOld(segment) && !(retentionBytes >= 0 && bytes - segment.size >= retentionBytes)) break;
        bytes -= segment.size;
        start = segment.endOffset;
      }
      if (start > startOffset) trim(start);
    },
    compact: async (now) => {
      const keepsEmpty = (header: BatchHeader): boolean => events.keepsEmpty(header);
      const log = { folder, segments, retention, isOpen: () => isOpen, keepsEmpty };
      return retention.compacts && isOpen && compact(log, now);
    },
    close: () => {
      isOpen = false;
      for (const segment of segments) segment.close();
    },
  };
}

/** The last segment that may hold `offset`. */
function lastFrom(segments: readonly Segment[], offset: bigint): number {
  const index = segments.findLastIndex(({ baseOffset }) => baseOffset <= offset);
  return Math.max(0, index);
}

/** Oldest first, at least one; what lies behind a damaged batch is deleted, what lies before the start was to be. */
function openSegments(folder: string, start: bigint, events: LogEvents): Segment[] {
  const found = (header: BatchHeader): void => events.found(header);
  takeOverFormerFile(folder);
  finishSwaps(folder);
  const bases = readdirSync(folder)
    .filter((name) => /^\d{20}\.log$/u.test(name))
    .map((name) => BigInt(name.slice(0, 20)))
    .toSorted((a, b) => (a < b ? -1 : 1));
  const segments: Segment[] = [];
  for (const [index, base] of bases.entries()) {
    const { segment, cutBytes } = openSegment(folder, base, found);
    segments.push(segment);
    if (cutBytes === 0) continue;
    const behind = bases.slice(index + 1).map((each) => segmentFile(folder, each));
    events.cut(
      behind.reduce((sum, path) => sum + statSync(path).size, cutBytes),
      segment.endOffset,
    );
    for (const path of behind) rmSync(path);
    break;
  }
  while (segments.length > 1 && (segments[0]?.endOffset ?? 0n) <= start) segments.shift()?.remove();
  return segments.length === 0 ? [openSegment(folder, start, found).segment] : segments;
}

/** Before there were segments, all batches lay in one file. */
function takeOverFormerFile(folder: string): void {
  const former = join(folder, 'records.log');
  if (existsSync(former)) renameSync(former, segmentFile(folder, 0n));
}

function readStart(folder: string): bigint {
  try {
    return BigInt(readFileSync(join(folder, 'start'), 'utf8'));
  } catch {
    return 0n;
  }
}
