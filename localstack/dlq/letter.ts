// A dead letter as the tool sees it, whoever wrote it: a handler, the local mapping, or AWS's.
import type { IHeaders, KafkaMessage } from 'kafkajs';
import {
  unreadableBatch,
  unreadableError,
  type UnreadableBatch,
} from '../event-sources/src/kafka/unreadable-batch.ts';

export interface Letter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

export interface LetterError {
  readonly code: string;
  readonly message: string;
}

export function toLetter(topic: string, partition: number, message: KafkaMessage): Letter {
  const { key, value } = message;
  const unreadable = unreadableBatch(message);
  const headers = unreadable === undefined ? (message.headers ?? {}) : unreadableHeaders(unreadable);
  const [offset, timestamp] = [Number(message.offset), Number(message.timestamp)];
  return { topic, partition, offset, timestamp, key, value, headers };
}

/** As the mapping writes them of a batch on another topic: this one can be shown, and not be put back. */
function unreadableHeaders(batch: UnreadableBatch): IHeaders {
  const { code, message } = unreadableError(batch);
  return {
    dlq_error_code: code,
    dlq_error_message: message,
    dlq_offset: String(batch.firstOffset),
    dlq_last_offset: String(batch.lastOffset),
  };
}

export function placeOf({ topic, partition, offset }: Letter): string {
  return `${topic}/${partition}/${offset}`;
}

/** The header's text, its last value where it is repeated. */
export function headerText({ headers }: Letter, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? undefined : last.toString();
}

/** The value as JSON object; undefined for anything else. */
export function jsonObject({ value }: Letter): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(value?.toString('utf8') ?? '');
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the headers say of the error, or AWS's invocation record. */
export function errorOf(letter: Letter): LetterError {
  const code = headerText(letter, 'dlq_error_code');
  if (code !== undefined) return { code, message: headerText(letter, 'dlq_error_message') ?? '' };
  const context = jsonObject(letter)?.['requestContext'];
  const condition = isObject(context) ? context['condition'] : undefined;
  return { code: typeof condition === 'string' ? condition : 'unknown', message: '' };
}
