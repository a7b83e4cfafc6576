// Records that a mapping gave up go to the on-failure topic, as they came and with what is known of their failure.
import { Partitioners, type IHeaders, type Kafka, type Producer } from 'kafkajs';
import { backoffMs, wait } from './backoff.ts';
import { describeError, type ErrorDescription } from './errors.ts';
import type { Log } from './log.ts';

export interface GivenUp {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  /** Kept as they came; the dlq_* headers are set beside them. */
  readonly headers: IHeaders;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
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

/** The headers beside the original ones; every value is text, dlq_timestamp the ISO 8601 time of giving up. */
export function failureHeaders(record: GivenUp, functionName: string, now: number): Record<string, string> {
  const { error } = record;
  return {
    dlq_error_name: error.name,
    dlq_error_code: error.code,
    dlq_error_message: error.message.slice(0, MESSAGE_LIMIT),
    dlq_attempts: String(record.attempts),
    dlq_function: functionName,
    dlq_topic: record.topic,
    dlq_partition: String(record.partition),
    dlq_offset: String(record.offset),
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
    for (let failures = 1; wanted(); failures++) {
      try {
        const producer = await this.#connected();
        const at = now();
        const messages = records.map((record) => ({
          key: record.key,
          value: record.value,
          headers: { ...record.headers, ...failureHeaders(record, functionName, at) },
        }));
        await producer.send({ topic, acks: -1, messages });
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
