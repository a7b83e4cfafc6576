// What a dead letter was before it was given up: the records to put back, and where.
import type { IHeaders, Message } from 'kafkajs';
import { withoutPrefix } from './arguments.ts';
import { headerText, isObject, jsonObject, type Letter } from './letter.ts';

export interface Original {
  readonly topic: string;
  readonly message: Message;
}

export type Redrivable =
  | { readonly originals: readonly Original[] }
  /** Why there is nothing to put back. */
  | { readonly reason: string };

/** Counts how often a record was put back. */
export const REDRIVEN_HEADER = 'dlq_redriven';

/**
 * A record goes back to the topic that dlq_topic names, else the letter's own without DLQ-; its dlq_* headers stay
 * behind. An upload's letter goes back to the notifications, and AWS's invocation record gives the records in it.
 */
export function originalsOf(letter: Letter, notificationsTopic: string): Redrivable {
  if (headerText(letter, 'dlq_value') !== undefined) return { reason: missingValue(letter) };
  const lastOffset = headerText(letter, 'dlq_last_offset');
  if (lastOffset !== undefined)
    return { reason: `it is a batch that cannot be read, up to offset ${lastOffset}` };
  const object = jsonObject(letter);
  const headers = originalHeaders(letter);
  if (object !== undefined && isNotification(object)) {
    const key = notificationKey(object) ?? letter.key;
    return { originals: [{ topic: notificationsTopic, message: { key, value: letter.value, headers } }] };
  }
  const enclosed = object === undefined ? [] : enclosedRecords(object, headers);
  if (enclosed.length > 0) return { originals: enclosed };
  const topic = headerText(letter, 'dlq_topic') ?? withoutPrefix(letter.topic);
  return { originals: [{ topic, message: { key: letter.key, value: letter.value, headers } }] };
}

function missingValue(letter: Letter): string {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) =>
    headerText(letter, `dlq_${name}`),
  );
  return `its value was too large for a letter and is at ${topic}/${partition}/${offset} alone`;
}

function originalHeaders(letter: Letter): IHeaders {
  const kept = Object.entries(letter.headers).filter(([name]) => !name.startsWith('dlq_'));
  const before = Number(headerText(letter, REDRIVEN_HEADER) ?? 0);
  return {
    ...Object.fromEntries(kept),
    [REDRIVEN_HEADER]: String((Number.isInteger(before) ? before : 0) + 1),
  };
}

function isNotification({ Records: records }: Record<string, unknown>): boolean {
  return (
    Array.isArray(records) &&
    records.length > 0 &&
    records.every((record) => isObject(record) && isObject(record['s3']))
  );
}

/** `bucket/key`, as S3 servers key their notifications; undefined where the record does not say. */
function notificationKey({ Records: records }: Record<string, unknown>): string | undefined {
  const [first] = Array.isArray(records) ? (records as unknown[]) : [];
  const s3 = isObject(first) && isObject(first['s3']) ? first['s3'] : {};
  const name = isObject(s3['bucket']) ? s3['bucket']['name'] : undefined;
  const key = isObject(s3['object']) ? s3['object']['key'] : undefined;
  if (typeof name !== 'string' || typeof key !== 'string') return undefined;
  try {
    return `${name}/${decodeURIComponent(key.replaceAll('+', ' '))}`;
  } catch {
    return undefined;
  }
}

/** The records of `payload.records` in an invocation record of AWS's; empty for any other value. */
function enclosedRecords(
  { KafkaBatchInfo: batch, payload }: Record<string, unknown>,
  headers: IHeaders,
): Original[] {
  const records = isObject(batch) && isObject(payload) ? payload['records'] : undefined;
  if (!isObject(records)) return [];
  return Object.values(records)
    .flat()
    .flatMap((record) => {
      if (!isObject(record) || typeof record['topic'] !== 'string') return [];
      const [key, value] = [fromBase64(record['key']), fromBase64(record['value'])];
      return [
        {
          topic: record['topic'],
          message: { key, value, headers: { ...enclosedHeaders(record['headers']), ...headers } },
        },
      ];
    });
}

function fromBase64(text: unknown): Buffer | null {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : null;
}

/** Bytes come as integers, signed or not. */
function enclosedHeaders(headers: unknown): IHeaders {
  const entries = (Array.isArray(headers) ? headers : []).flatMap((header: unknown) =>
    isObject(header) ? Object.entries(header) : [],
  );
  return Object.fromEntries(
    entries.map(([name, bytes]) => [
      name,
      Buffer.from((Array.isArray(bytes) ? bytes : []).map((byte) => Number(byte) & 0xff)),
    ]),
  );
}
