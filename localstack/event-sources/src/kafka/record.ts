// A record as the mappings handle it, made from kafkajs's message.
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { unreadableBatch, type UnreadableBatch } from './unreadable-batch.ts';

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  /** The record stands for a batch that nobody can read, which is its value; its offset is the last one in it. */
  readonly unreadable?: UnreadableBatch;
}

const LOG_APPEND_TIME = 1;

export function toRecord(topic: string, partition: number, message: KafkaMessage): KafkaRecord {
  const unreadable = unreadableBatch(message);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: isLogAppendTime(message) ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    key: message.key,
    value: message.value,
    headers: message.headers ?? {},
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

/** kafkajs keeps the batch's attributes beside the message, outside its types. */
function isLogAppendTime(message: KafkaMessage): boolean {
  const context: unknown = Reflect.get(message, 'batchContext');
  if (typeof context !== 'object' || context === null) return false;
  return Reflect.get(context, 'timestampType') === LOG_APPEND_TIME;
}

/** Header values in order, names repeated where a header is. */
export function headerEntries(headers: IHeaders): [name: string, value: Buffer][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values])
      .filter((value) => value !== undefined)
      .map((value): [string, Buffer] => [name, Buffer.isBuffer(value) ? value : Buffer.from(value)]),
  );
}
