import type { Context, MSKRecord } from 'aws-lambda';
import { FltsError } from '../errors.ts';

/** A record as the stage sees it, decoded. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Handed on to whatever the stage publishes. */
  readonly correlationId: string;
  /** Milliseconds until the function's time-out. */
  readonly remainingMs: () => number;
}

export function toDelivery(record: MSKRecord, context: Pick<Context, 'getRemainingTimeInMillis'>): Delivery {
  const headers = decodeHeaders(record.headers);
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: decodeBytes(record.key)?.toString('utf8') ?? null,
    headers,
    correlationId: headers['correlation_id'] ?? `${record.topic}-${record.partition}-${record.offset}`,
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}

/** `topic/partition/offset`, as errors and logs name a record. */
export function placeOf({
  topic,
  partition,
  offset,
}: Pick<MSKRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}/${partition}/${offset}`;
}

/** Keys and values are base64, absent where the record has none. */
export function decodeBytes(base64: string | null | undefined): Buffer | null {
  return base64 === undefined || base64 === null ? null : Buffer.from(base64, 'base64');
}

/** Header bytes arrive as integers, on some paths signed. */
export function decodeHeaders(headers: MSKRecord['headers'] | undefined): Record<string, string> {
  const entries = (headers ?? []).flatMap((header) => Object.entries(header));
  return Object.fromEntries(
    entries.map(([name, bytes]) => [name, Buffer.from(bytes.map((byte) => byte & 0xff)).toString('utf8')]),
  );
}

/** @throws FltsError message_not_json, naming the place and the text's beginning */
export function parseMessage(text: string, place: string): Record<string, unknown> {
  const got = JSON.stringify(text.slice(0, 80));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FltsError('message_not_json', `expected JSON at ${place}, got ${got}`, { cause });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  throw new FltsError('message_not_json', `expected a JSON object at ${place}, got ${got}`);
}
