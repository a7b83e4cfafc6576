import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { FltsError, ServiceError } from '../errors.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import type { OutgoingRecord, Publisher } from './publisher.ts';

/** Largest record the brokers take by default is 1 MiB; what is larger fails here with the broker's own word. */
export function createKafkaPublisher(
  brokers: readonly string[],
  clientId: string,
  security: KafkaSecurity = {},
): Publisher {
  const kafka = new Kafka({
    clientId,
    brokers: [...brokers],
    ...security,
    logLevel: logLevel.NOTHING,
    retry: { retries: 5, initialRetryTime: 100 },
  });
  let connected: Promise<Producer> | undefined;

  async function connect(): Promise<Producer> {
    const producer = kafka.producer({ allowAutoTopicCreation: true });
    try {
      await producer.connect();
      return producer;
    } catch (cause) {
      connected = undefined;
      await producer.disconnect().catch(() => {});
      throw cause;
    }
  }

  async function send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    try {
      connected ??= connect();
      const producer = await connected;
      await producer.send({
        topic,
        acks: -1,
        compression: CompressionTypes.None,
        messages: records.map(({ key, value, headers }) => ({
          key,
          value,
          ...(headers === undefined ? {} : { headers: { ...headers } }),
        })),
      });
    } catch (cause) {
      // The producer stays: it connects again by itself, and another one would leave this one's connections open.
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `expected the broker to take ${records.length} record(s) for ${topic}, got ${reason}`;
      if (isRefused(cause)) throw new FltsError('broker_refused', message, { cause });
      throw new ServiceError('broker_unavailable', message, { cause });
    }
  }

  const publishAll: Publisher['publishAll'] = (topic, messages, correlationId) =>
    send(
      topic,
      messages.map((message) => ({
        key: message.identifier,
        value: JSON.stringify(message),
        headers: { correlation_id: correlationId },
      })),
    );

  return {
    publish: (topic, message, correlationId) => publishAll(topic, [message], correlationId),
    publishAll,
    send,
    close: async () => {
      const producer = await connected?.catch(() => undefined);
      connected = undefined;
      await producer?.disconnect();
    },
  };
}

/** By Kafka's names: what no broker will ever take. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
]);

/** kafkajs wraps what it does not try again. */
function isRefused(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return ('type' in cause && REFUSALS.has(cause.type)) || isRefused(cause.cause);
}
