import type { BatchHeader } from '../protocol/record-batch.ts';
import { decodeRecords, type LogRecord } from '../protocol/records.ts';
import { rewriteBatch } from '../protocol/rewrite-batch.ts';
import type { LatestOffsets } from './latest-offsets.ts';

export interface Cleaning {
  readonly latest: LatestOffsets;
  /** Records from here on are not in `latest`. */
  readonly endOffset: bigint;
  /** ms since 1970 */
  readonly now: number;
  /** How long tombstones are shown, ms */
  readonly deleteRetentionMs: number;
  /** Whether a batch must be known by its header even without records: a producer's sequence hangs on it. */
  readonly keepsEmpty: (header: BatchHeader) => boolean;
}

/**
 * What is left of a batch: itself, one of fewer records, or undefined where it may go. A tombstone goes in the first
 * compaction `deleteRetentionMs` after the one that met it. Batches that cannot be read, and records without a key, which
 * an earlier version took, are left as they are.
 */
export function cleanBatch(batch: Buffer, header: BatchHeader, cleaning: Cleaning): Buffer | undefined {
  if (header.baseOffset >= cleaning.endOffset || header.isControl) return batch;
  const records = decodeRecords(batch, header);
  if (records === undefined) return batch;
  const kept = keptRecords(records, header, cleaning);
  if (kept.length === 0 && !cleaning.keepsEmpty(header)) return undefined;
  const marks = !header.hasDeleteHorizon && kept.some(({ value }) => value === undefined);
  if (kept.length === records.length && !marks) return batch;
  const deleteHorizon = marks ? cleaning.now + cleaning.deleteRetentionMs : undefined;
  return rewriteBatch(batch, header, { records: kept, deleteHorizon });
}

function keptRecords(
  records: readonly LogRecord[],
  { baseOffset, baseTimestamp, hasDeleteHorizon }: BatchHeader,
  { latest, now }: Cleaning,
): LogRecord[] {
  const isPastHorizon = hasDeleteHorizon && baseTimestamp <= BigInt(now);
  return records.filter(({ key, value, offsetDelta }) => {
    if (key === undefined) return true;
    if (latest.supersedes(key, Number(baseOffset) + offsetDelta)) return false;
    return value !== undefined || !isPastHorizon;
  });
}
