// Log compaction: of each key the last record stays, under its offset. Closed segments are read from the first offset that
// was not compacted yet, to learn the last record of each key; then all that lie before are written anew, without what
// a later record supersedes, small ones together. Method: Apache Kafka, "Design", section "Log Compaction".
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readBatchHeader, type BatchHeader } from '../protocol/record-batch.ts';
import { decodeRecords } from '../protocol/records.ts';
import { cleanBatch, type Cleaning } from './clean-batch.ts';
import { LatestOffsets } from './latest-offsets.ts';
import type { Retention } from './retention.ts';
import { openSegmentFile, type Segment } from './segment.ts';
import { asideFile, swapSegments } from './swap.ts';

/** Of one pass; where there are more, the next pass goes on. */
export const MAX_KEYS = 500_000;
/** Bytes read without letting requests in. */
const STEP_BYTES = 1024 * 1024;

export interface Compactable {
  readonly folder: string;
  /** Oldest first; the last one is appended to. Changed in place. */
  readonly segments: Segment[];
  readonly retention: Retention;
  /** Whether the log is still open: it may close at any time meanwhile. */
  readonly isOpen: () => boolean;
  readonly keepsEmpty: (header: BatchHeader) => boolean;
}

/**
 * One pass, if enough is new; whether anything was written anew. Other requests are served meanwhile.
 * @param now - ms since 1970
 */
export async function compact(log: Compactable, now: number, maxKeys = MAX_KEYS): Promise<boolean> {
  const { folder, retention } = log;
  const closed = closedSegments(log);
  const from = readCleaned(folder);
  const dirty = closed.filter(({ endOffset }) => endOffset > from);
  if (!isDirtyEnough(closed, dirty, retention)) return false;
  const found = await findLatest(log, dirty, { from, maxKeys });
  if (found === undefined) return false;
  const cleaning = {
    ...found,
    now,
    deleteRetentionMs: retention.deleteRetentionMs,
    keepsEmpty: log.keepsEmpty,
  };
  let isChanged = false;
  for (const group of groupsOf(closed, found.endOffset, retention.segmentBytes)) {
    const outcome = await cleanGroup(log, group, cleaning);
    if (outcome === 'gone') return isChanged;
    isChanged ||= outcome === 'changed';
  }
  writeCleaned(folder, found.endOffset);
  return isChanged;
}

/** Those before the last one with records, which stays as it is: a reader at the end always finds it. */
function closedSegments({ segments }: Compactable): Segment[] {
  return segments.slice(
    0,
    Math.max(
      0,
      segments.findLastIndex(({ size }) => size > 0),
    ),
  );
}

function isDirtyEnough(
  closed: readonly Segment[],
  dirty: readonly Segment[],
  { dirtyRatio }: Retention,
): boolean {
  const bytes = (list: readonly Segment[]): number => list.reduce((sum, { size }) => sum + size, 0);
  return bytes(dirty) > dirtyRatio * bytes(closed);
}

/** Undefined where the log was closed meanwhile. */
async function findLatest(
  log: Compactable,
  dirty: readonly Segment[],
  { from, maxKeys }: { from: bigint; maxKeys: number },
): Promise<{ latest: LatestOffsets; endOffset: bigint } | undefined> {
  const latest = new LatestOffsets();
  let endOffset = from;
  for await (const { batch, header } of batchesOf(log, dirty)) {
    if (latest.size >= maxKeys) return { latest, endOffset };
    const end = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
    if (end <= from) continue;
    for (const { key, offsetDelta } of decodeRecords(batch, header) ?? [])
      if (key !== undefined) latest.saw(key, Number(header.baseOffset) + offsetDelta);
    endOffset = end;
  }
  return log.isOpen() ? { latest, endOffset } : undefined;
}

/** Neighbours that go into one file: together no larger than a segment. */
function groupsOf(closed: readonly Segment[], endOffset: bigint, segmentBytes: number): Segment[][] {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of closed) {
    if (segment.baseOffset >= endOffset) break;
    bytes += segment.size;
    const group = groups.at(-1);
    if (group !== undefined && bytes <= segmentBytes) group.push(segment);
    else {
      groups.push([segment]);
      bytes = segment.size;
    }
  }
  return groups;
}

/** `gone`: segments of it were deleted meanwhile, or the log was closed. */
async function cleanGroup(
  log: Compactable,
  group: readonly Segment[],
  cleaning: Cleaning,
): Promise<'changed' | 'same' | 'gone'> {
  const aside = asideFile(log.folder, group[0]?.baseOffset ?? 0n);
  rmSync(aside, { force: true });
  const { segment: replacement } = openSegmentFile(aside, group[0]?.baseOffset ?? 0n);
  let outcome: 'changed' | 'same' | 'gone' = group.length > 1 ? 'changed' : 'same';
  try {
    for await (const { batch, header } of batchesOf(log, group)) {
      const cleaned = cleanBatch(batch, header, cleaning);
      if (cleaned !== batch) outcome = 'changed';
      const cleanedHeader = cleaned === undefined ? 'incomplete' : readBatchHeader(cleaned);
      if (cleaned !== undefined && typeof cleanedHeader !== 'string')
        replacement.append(cleaned, cleanedHeader, header.baseOffset);
    }
    const nextOffset = nextOffsetOf(log, group);
    if (nextOffset === undefined) outcome = 'gone';
    else if (outcome === 'changed')
      swapSegments(log.folder, log.segments, { former: group, replacement, nextOffset });
    if (outcome !== 'changed') replacement.remove();
    return outcome;
  } catch (cause) {
    if (!log.segments.includes(replacement)) replacement.remove();
    throw cause;
  }
}

/** The base offset of the segment after the group; undefined where the group is no longer there as it was. */
function nextOffsetOf({ segments, isOpen }: Compactable, group: readonly Segment[]): bigint | undefined {
  const at = group[0] === undefined ? -1 : segments.indexOf(group[0]);
  const isThere = isOpen() && at >= 0 && group.every((segment, index) => segments[at + index] === segment);
  return isThere ? segments[at + group.length]?.baseOffset : undefined;
}

/** Ends early where the log is closed, or a segment deleted: no file is read then. */
async function* batchesOf(
  { isOpen, segments }: Compactable,
  list: readonly Segment[],
): AsyncGenerator<{ batch: Buffer; header: BatchHeader }> {
  let bytes = 0;
  const isGone = (segment: Segment): boolean => !isOpen() || !segments.includes(segment);
  for (const segment of list) {
    if (isGone(segment)) return;
    for (const batch of segment.batches()) {
      const header = readBatchHeader(batch);
      if (typeof header === 'string') continue;
      yield { batch, header };
      bytes += batch.length;
      if (bytes >= STEP_BYTES) {
        bytes = 0;
        await setImmediate();
      }
      if (isGone(segment)) return;
    }
  }
}

/** The offset up to which the log was compacted; without it, all counts as new. */
function readCleaned(folder: string): bigint {
  try {
    return BigInt(readFileSync(join(folder, 'cleaned'), 'utf8'));
  } catch {
    return 0n;
  }
}

function writeCleaned(folder: string, offset: bigint): void {
  const aside = join(folder, 'cleaned.tmp');
  writeFileSync(aside, String(offset), { flush: true });
  renameSync(aside, join(folder, 'cleaned'));
}
