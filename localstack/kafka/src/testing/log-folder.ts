// A partition's log in a folder of a test, with keyed records in and out.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPartitionLog, type PartitionLog } from '../log/partition-log.ts';
import { createProducerStates, type ProducerStates } from '../log/producer-states.ts';
import { retentionOf } from '../log/retention.ts';
import { crcMatches, readBatchHeader, type BatchHeader } from '../protocol/record-batch.ts';
import { decodeRecords } from '../protocol/records.ts';
import { encodeBatch, type BatchFields } from './batch.ts';

/** A segment a batch, compacted as soon as anything is new. */
export const COMPACT = {
  'cleanup.policy': 'compact',
  'segment.bytes': '14',
  'min.cleanable.dirty.ratio': '0',
};

export interface LogFolder {
  readonly folder: string;
  /** Opens it again, as after a restart. @throws Error where anything had to be cut */
  open(settings?: Readonly<Record<string, string>>, producers?: ProducerStates): PartitionLog;
  close(log: PartitionLog): void;
  /** Names of segments and of what is to become one. */
  files(): string[];
  remove(): void;
}

export function logFolder(): LogFolder {
  const folder = mkdtempSync(join(tmpdir(), 'flts-compaction-'));
  const logs = new Set<PartitionLog>();
  return {
    folder,
    open: (settings = COMPACT, producers = createProducerStates()) => {
      const log = openPartitionLog(folder, retentionOf(settings), {
        found: (header) => producers.record(header, header.baseOffset),
        cut: (bytes, offset) => {
          throw new Error(`expected a whole log, got ${bytes} bytes cut at ${offset}`);
        },
        keepsEmpty: (header) => producers.isRecent(header),
      });
      logs.add(log);
      return log;
    },
    close: (log) => {
      logs.delete(log);
      log.close();
    },
    files: () =>
      readdirSync(folder)
        .filter((name) => /\.(?:log|swap|cleaned)$/u.test(name))
        .toSorted(),
    remove: () => {
      for (const log of logs) log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function headerOf(batch: Buffer): BatchHeader {
  const header = readBatchHeader(batch);
  if (typeof header === 'string') throw new Error(`expected a batch, got ${header}`);
  return header;
}

export function append(
  log: PartitionLog,
  values: BatchFields['values'],
  fields: Partial<BatchFields> = {},
): bigint {
  const batch = encodeBatch({ values, ...fields });
  return log.append(batch, headerOf(batch));
}

/** Offset, key and value of each record from an offset on, as a consumer reads it; null of a tombstone. */
export function recordsOf(log: PartitionLog, from = log.startOffset): [number, string, string | null][] {
  const records: [number, string, string | null][] = [];
  for (let bytes = log.read(from, 1e9); bytes.length > 0;) {
    const header = headerOf(bytes);
    if (!crcMatches(bytes, header.size)) throw new Error(`expected a sound batch at ${header.baseOffset}`);
    for (const { key, value, offsetDelta } of decodeRecords(bytes, header) ?? []) {
      const offset = Number(header.baseOffset) + offsetDelta;
      const text = value === undefined ? null : String(value);
      if (offset >= Number(from)) records.push([offset, String(key), text]);
    }
    bytes = bytes.subarray(header.size);
  }
  return records;
}
