// The event that Lambda receives from an MSK event source mapping.
import { headerEntries, type KafkaRecord } from '../kafka/record.ts';

export interface MskEventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  /** Base64; absent where the record has no key. */
  readonly key?: string;
  /** Base64; absent for a tombstone. */
  readonly value?: string;
  /** One object a header; bytes as the signed integers that AWS sends, -128 to 127. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

export interface MskInvokeEvent {
  readonly eventSource: EventSourceKind;
  /** Absent from a self-managed cluster's events. */
  readonly eventSourceArn?: string;
  readonly bootstrapServers: string;
  /** By `<topic>-<partition>`, in order of offset. */
  readonly records: Readonly<Record<string, readonly MskEventRecord[]>>;
}

export type EventSourceKind = 'aws:kafka' | 'SelfManagedKafka';

export interface EventSourceIdentity {
  readonly eventSource: EventSourceKind;
  /** Undefined for a self-managed cluster, which has none. */
  readonly eventSourceArn?: string | undefined;
  readonly bootstrapServers: string;
}

export function toMskEvent(source: EventSourceIdentity, records: readonly KafkaRecord[]): MskInvokeEvent {
  const byPartition: Record<string, MskEventRecord[]> = {};
  for (const record of records) {
    (byPartition[partitionKey(record)] ??= []).push(toMskEventRecord(record));
  }
  return {
    eventSource: source.eventSource,
    ...(source.eventSourceArn === undefined ? {} : { eventSourceArn: source.eventSourceArn }),
    bootstrapServers: source.bootstrapServers,
    records: byPartition,
  };
}

export function partitionKey({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}-${partition}`;
}

function toMskEventRecord(record: KafkaRecord): MskEventRecord {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    timestampType: record.timestampType,
    ...(record.key === null ? {} : { key: record.key.toString('base64') }),
    ...(record.value === null ? {} : { value: record.value.toString('base64') }),
    headers: headerEntries(record.headers).map(([name, value]) => ({ [name]: [...new Int8Array(value)] })),
  };
}

const RECORD_OVERHEAD_BYTES = 200;
const BYTES_PER_HEADER_BYTE = 5;

/** An upper estimate of the bytes that the record takes in the event's JSON. */
export function eventBytes(record: KafkaRecord): number {
  const text = base64Length(record.key) + base64Length(record.value);
  const headers = headerEntries(record.headers).reduce(
    (sum, [name, value]) => sum + name.length * 6 + 8 + value.length * BYTES_PER_HEADER_BYTE,
    0,
  );
  return RECORD_OVERHEAD_BYTES + record.topic.length * 2 + text + headers;
}

function base64Length(bytes: Buffer | null): number {
  return bytes === null ? 0 : Math.ceil(bytes.length / 3) * 4;
}
