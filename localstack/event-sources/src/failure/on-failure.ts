// Records that a mapping gave up go to the on-failure topic, as they came and with what is known of their failure.
import { Partitioners, type IHeaders, type Kafka, type Message, type Producer } from 'kafkajs';
import { backoffMs, wait } from '../backoff.ts';
import { describeError, type ErrorDescription } from '../errors.ts';
import { headerEntries } from '../kafka/record.ts';
import type { UnreadableBatch } from '../kafka/unreadable-batch.ts';
import type { Log } from '../log.ts';

export interface GivenUp {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  /** Kept as they came; the dlq_* headers are set beside them. */
  readonly headers: IHeaders;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of a batch that cannot be read, which is the value. */
  readonly unreadable?: UnreadableBatch;
  /** Failed attempts. */
  readonly attempts: number;
  readonly error: ErrorDescription;
}

export interface OnFailurePublisherOptions {
  readonly kafka: Kafka;
  readonly functionName: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const BACKOFF = { initialMs: 200, maxMs: 5000 };
const MESSAGE_LIMIT = 2000;

/**
 * The headers beside the original ones; every value is text, dlq_timestamp the ISO 8601 time of giving up. dlq_last_offset
 * says that the value is a whole batch, which nobody could read.
 */
export function failureHeaders(record: GivenUp, functionName: string, now: number): Record<string, string> {
  const { error, unreadable } = record;
  return {
    dlq_error_name: error.name,
    dlq_error_code: error.code,
    dlq_error_message: error.message.slice(0, MESSAGE_LIMIT),
    dlq_attempts: String(record.attempts),
    dlq_function: functionName,
    dlq_topic: record.topic,
    dlq_partition: String(record.partition),
    dlq_offset: String(unreadable?.firstOffset ?? record.offset),
    ...(unreadable === undefined ? {} : { dlq_last_offset: String(unreadable.lastOffset) }),
    dlq_timestamp: new Date(now).toISOString(),
  };
}

export class OnFailurePublisher {
  readonly #options: OnFailurePublisherOptions;
  #producer: Promise<Producer> | undefined;

  constructor(options: OnFailurePublisherOptions) {
    this.#options = options;
  }

  /**
   * Resolves to true once the broker has every record; tries again until then, or until `wanted` says false
   * (the partition was lost: its next owner will give the records up itself).
   */
  async publish(topic: string, records: readonly GivenUp[], wanted: () => boolean): Promise<boolean> {
    const { functionName, log, now = Date.now } = this.#options;
    let done = 0;
    for (let failures = 1; wanted(); failures++) {
      try {
        const producer = await this.#connected();
        const at = now();
        const messages = records.slice(done).map((record) => ({
          key: record.key,
          value: record.value,
          headers: { ...record.headers, ...failureHeaders(record, functionName, at) },
        }));
        for (const request of requests(messages)) {
          await send(producer, topic, request);
          done += request.length;
        }
        return true;
      } catch (error) {
        const retryInMs = backoffMs(BACKOFF, failures);
        log.error({
          event: 'on_failure_publish_failed',
          function: functionName,
          topic,
          retry_in_ms: retryInMs,
          error: describeError(error),
        });
        await wait(retryInMs);
      }
    }
    return false;
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect().catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#options.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return producer;
  }
}

/** A record that was near the broker's limit passes it with the headers: then they go alone, and name its place. */
async function send(producer: Producer, topic: string, messages: Message[]): Promise<void> {
  const [only, ...others] = messages;
  try {
    await producer.send({ topic, acks: -1, messages });
  } catch (error) {
    if (only === undefined || others.length > 0 || !isTooLarge(error)) throw error;
    const headers = { ...only.headers, dlq_value: 'left out: too large beside these headers' };
    await producer.send({ topic, acks: -1, messages: [{ ...only, value: null, headers }] });
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'type') === 'MESSAGE_TOO_LARGE';
}

/** Well below what a broker takes as one batch by default, 1 MiB. */
const REQUEST_BYTES = 512 * 1024;

/** The messages in order, in groups that a broker takes as one batch; a large message goes alone. */
export function requests(messages: readonly Message[]): Message[][] {
  const groups: Message[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = messageBytes(message);
    const current = groups.at(-1);
    if (current === undefined || bytes + size > REQUEST_BYTES) {
      groups.push([message]);
      bytes = size;
    } else {
      current.push(message);
      bytes += size;
    }
  }
  return groups;
}

const RECORD_OVERHEAD_BYTES = 100;

function messageBytes({ key, value, headers = {} }: Message): number {
  const own = Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  return headerEntries(headers).reduce(
    (sum, [name, bytes]) => sum + Buffer.byteLength(name) + bytes.length + 10,
    RECORD_OVERHEAD_BYTES + own,
  );
}
