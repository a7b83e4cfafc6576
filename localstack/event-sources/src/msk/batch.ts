// Gathers the records of one invoke: full by count or by payload, or whatever came within the window.
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { eventBytes } from './event.ts';
import type { RecordBuffer } from './record-buffer.ts';

export interface BatchLimits {
  /** Records in one invoke. */
  readonly batchSize: number;
  /** Milliseconds to wait for more records once there is one. */
  readonly windowMs: number;
  /** Estimated bytes of the event's JSON. */
  readonly payloadBytes: number;
}

/** What Lambda accepts as the payload of one invoke. */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;
/** Left for the event around the records. */
export const ENVELOPE_BYTES = 2048;

/** How many records of `fetched`, from its head, one invoke takes; at least one where there is one. */
export function batchLength(
  fetched: readonly KafkaRecord[],
  limits: BatchLimits,
): { length: number; full: boolean } {
  let bytes = ENVELOPE_BYTES;
  for (const [index, record] of fetched.entries()) {
    if (index === limits.batchSize) return { length: index, full: true };
    bytes += eventBytes(record);
    if (index > 0 && bytes > limits.payloadBytes) return { length: index, full: true };
  }
  return { length: fetched.length, full: fetched.length === limits.batchSize };
}

/**
 * Takes the next batch off the buffer, fetching more until it is full or the window has passed since the first record.
 * An empty batch means that the source closed, or that all that came was filtered.
 */
export async function gatherBatch(
  source: PartitionSource,
  buffer: RecordBuffer,
  limits: BatchLimits,
  now: () => number = () => performance.now(),
): Promise<readonly KafkaRecord[]> {
  if (buffer.records.length === 0) await buffer.fetch();
  if (buffer.records.length === 0) return [];
  const deadline = now() + limits.windowMs;
  for (;;) {
    const { length, full } = batchLength(buffer.records, limits);
    const remaining = deadline - now();
    if (source.signal.aborted) return [];
    if (full || remaining <= 0) return buffer.take(length);
    await buffer.fetch(remaining);
  }
}
