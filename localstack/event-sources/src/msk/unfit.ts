// Records that are given up without an invoke: older than the mapping allows, larger than any invoke may be, or not to be read.
import { describeError, EventSourceError, type ErrorDescription } from '../errors.ts';
import type { FailureCondition } from '../failure/destination.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { unreadableError } from '../kafka/unreadable-batch.ts';
import { ENVELOPE_BYTES } from './batch.ts';
import { eventBytes, toMskEvent } from './event.ts';
import type { PartitionWork } from './partition-work.ts';

export interface Unfit {
  readonly records: readonly KafkaRecord[];
  readonly condition: FailureCondition;
  readonly error: ErrorDescription;
}

export function unfitRecords(batch: readonly KafkaRecord[], work: PartitionWork): Unfit[] {
  const readable = batch.filter(({ unreadable }) => unreadable === undefined);
  const expired = readable.filter((record) => isExpired(record, work));
  const oversized = readable.filter((record) => !expired.includes(record) && isOversized(record, work));
  return [
    ...batch.flatMap(unreadable),
    { records: expired, condition: 'RecordAgeExceeded' as const, error: ageError(work) },
    { records: oversized, condition: 'MaximumPayloadSizeExceeded' as const, error: sizeError(work) },
  ].filter(({ records }) => records.length > 0);
}

function unreadable(record: KafkaRecord): Unfit[] {
  if (record.unreadable === undefined) return [];
  const error = describeError(unreadableError(record.unreadable));
  return [{ records: [record], condition: 'BatchUnreadable', error }];
}

function isExpired({ timestamp }: KafkaRecord, { retry, now }: PartitionWork): boolean {
  return retry.maximumRecordAgeMs !== -1 && now() - timestamp > retry.maximumRecordAgeMs;
}

/** The estimate is an upper one, so the exact size is asked for only beyond it. */
function isOversized(record: KafkaRecord, { limits, identity }: PartitionWork): boolean {
  if (ENVELOPE_BYTES + eventBytes(record) <= limits.payloadBytes) return false;
  return Buffer.byteLength(JSON.stringify(toMskEvent(identity, [record]))) > limits.payloadBytes;
}

function ageError({ retry }: PartitionWork): ErrorDescription {
  const expected = `expected a record of at most ${retry.maximumRecordAgeMs / 1000} s, got an older one`;
  return describeError(
    new EventSourceError(expected, {
      name: 'RecordAgeExceeded',
      code: 'RECORD_AGE_EXCEEDED',
      retryable: false,
    }),
  );
}

function sizeError({ limits }: PartitionWork): ErrorDescription {
  const expected = `expected an event of at most ${limits.payloadBytes} bytes, got a larger one from this record alone`;
  return describeError(
    new EventSourceError(expected, { name: 'PayloadTooLarge', code: 'PAYLOAD_TOO_LARGE', retryable: false }),
  );
}
