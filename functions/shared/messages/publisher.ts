import type { Envelope } from './schema.ts';

export interface OutgoingRecord {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** The one door to Kafka. Every method waits for the broker's word and throws ServiceError broker_unavailable (retryable), or FltsError broker_refused. */
export interface Publisher {
  /** Publishes a message of the pipeline: key = identifier, value = JSON, header correlation_id. */
  publish(topic: string, message: Envelope & Record<string, unknown>, correlationId: string): Promise<void>;
  /** Many messages of one topic in one request. */
  publishAll(
    topic: string,
    messages: readonly (Envelope & Record<string, unknown>)[],
    correlationId: string,
  ): Promise<void>;
  /** Any record as it is; for DLQ topics. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}
