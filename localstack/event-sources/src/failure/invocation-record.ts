// The JSON that Lambda stores of a batch that it gave up, and the name of the object that holds it.
import { createHash } from 'node:crypto';
import { partitionKey, toMskEvent, type EventSourceIdentity } from '../msk/event.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import type { FailedBatch, FailureCondition } from './destination.ts';

export interface InvocationRecord {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: FailureCondition;
    readonly approximateInvokeCount: number;
  };
  /** Null where the function was never invoked. */
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: '$LATEST';
    readonly functionError: 'Unhandled';
  } | null;
  readonly version: '1.0';
  /** ISO 8601. */
  readonly timestamp: string;
  readonly KafkaBatchInfo: {
    readonly batchSize: number;
    readonly eventSourceArn?: string;
    readonly bootstrapServers: string;
    /** Bytes of `payload`. */
    readonly payloadSize: number;
    /** By `<topic>-<partition>`. */
    readonly recordsInfo: Readonly<Record<string, RecordsInfo>>;
  };
  /** The event, as JSON within the JSON. */
  readonly payload: string;
}

interface RecordsInfo {
  readonly firstRecordOffset: string;
  readonly lastRecordOffset: string;
  readonly firstRecordTimestamp: string;
  readonly lastRecordTimestamp: string;
}

export interface InvocationContext {
  readonly identity: EventSourceIdentity;
  readonly functionArn: string;
  readonly requestId: string;
  readonly now: Date;
}

export function invocationRecord(batch: FailedBatch, context: InvocationContext): InvocationRecord {
  const { identity, functionArn, requestId, now } = context;
  const records = batch.records.map(({ record }) => record);
  const payload = JSON.stringify(toMskEvent(identity, records));
  const approximateInvokeCount = Math.max(...batch.records.map(({ attempts }) => attempts));
  const { eventSourceArn, bootstrapServers } = identity;
  return {
    requestContext: { requestId, functionArn, condition: batch.condition, approximateInvokeCount },
    responseContext:
      approximateInvokeCount === 0
        ? null
        : { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: now.toISOString(),
    KafkaBatchInfo: {
      batchSize: records.length,
      ...(eventSourceArn === undefined ? {} : { eventSourceArn }),
      bootstrapServers,
      payloadSize: Buffer.byteLength(payload),
      recordsInfo: recordsInfo(records),
    },
    payload,
  };
}

function recordsInfo(records: readonly KafkaRecord[]): Record<string, RecordsInfo> {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return {};
  return {
    [partitionKey(first)]: {
      firstRecordOffset: String(first.unreadable?.firstOffset ?? first.offset),
      lastRecordOffset: String(last.offset),
      firstRecordTimestamp: new Date(first.timestamp).toISOString(),
      lastRecordTimestamp: new Date(last.timestamp).toISOString(),
    },
  };
}

/** `aws/lambda/<mapping>/<topic>-<partition>/<day>/<second>-<random>`, as for Lambda's other poll-based sources. */
export function invocationRecordKey(
  mappingId: string,
  shard: string,
  { now, requestId }: InvocationContext,
): string {
  const second = now.toISOString().slice(0, 19);
  const day = second.slice(0, 10).replaceAll('-', '/');
  return `aws/lambda/${mappingId}/${shard}/${day}/${second.replaceAll(':', '.')}-${requestId}`;
}

/** Stands for the UUID that AWS gives a mapping: the same from start to start. */
export function mappingUuid(...names: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
