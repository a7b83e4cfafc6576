import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { NotificationMessage, NotificationTarget } from './target.ts';

export interface KafkaTargetOptions {
  /** Default: `arn:minio:sqs::flts:kafka` */
  readonly arn?: string;
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Makes the producer; kafkajs's own by default. */
  readonly createProducer?: () => NotificationProducer;
}

/** What the target needs of a kafkajs producer. */
export type NotificationProducer = Pick<Producer, 'connect' | 'disconnect' | 'send'>;

export const DEFAULT_KAFKA_ARN = 'arn:minio:sqs::flts:kafka';

/**
 * Notifications as Kafka records: the key is `bucket/object key`, not encoded, the value the JSON body; no headers.
 * A record counts as taken once all in-sync replicas have it. A broker that is down is connected to anew each time.
 */
export function kafkaTarget(options: KafkaTargetOptions): NotificationTarget {
  const createProducer = options.createProducer ?? (() => kafkajsProducer(options.brokers));
  let connection: Promise<NotificationProducer> | undefined;

  async function deliver({ bucket, key, body }: NotificationMessage): Promise<void> {
    const current = (connection ??= connect(createProducer()));
    try {
      const producer = await current;
      await producer.send({
        topic: options.topic,
        acks: -1,
        messages: [{ key: `${bucket}/${key}`, value: JSON.stringify(body) }],
      });
    } catch (error) {
      if (connection === current) connection = undefined;
      await current.then((producer) => producer.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  async function close(): Promise<void> {
    const current = connection;
    connection = undefined;
    await current?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  return { arn: options.arn ?? DEFAULT_KAFKA_ARN, deliver, close };
}

async function connect(producer: NotificationProducer): Promise<NotificationProducer> {
  await producer.connect();
  return producer;
}

/** Few retries of its own: the dispatcher has them all, with the message safe on disk meanwhile. */
function kafkajsProducer(brokers: readonly string[]): NotificationProducer {
  const kafka = new Kafka({
    clientId: 'flts-s3',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 10_000,
    retry: { retries: 2, initialRetryTime: 100 },
  });
  return kafka.producer({ maxInFlightRequests: 8 });
}
