import { CompressionTypes, Kafka, logLevel, type Consumer } from 'kafkajs';

export interface Reading {
  readonly consumer: Consumer;
  readonly seen: { value: string; key: string; header: string; partition: number; offset: string }[];
  until(count: number): Promise<void>;
}

export interface KafkajsClients {
  readonly kafka: Kafka;
  /** Base offsets of the answers. Each record has the key `k` and the header `h: x`. */
  produce(topic: string, values: readonly string[], compression?: CompressionTypes): Promise<string[]>;
  /** A member of the group, which commits each record as it comes. */
  read(topic: string, groupId: string): Promise<Reading>;
  close(): Promise<void>;
}

export function kafkajsClients(bootstrapServers: string): KafkajsClients {
  const kafka = new Kafka({
    clientId: 'test',
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  });
  const closing: (() => Promise<void>)[] = [];
  return {
    kafka,
    produce: (topic, values, compression = CompressionTypes.None) =>
      produce(kafka, topic, { values, compression }),
    read: async (topic, groupId) => {
      const consumer = kafka.consumer({
        groupId,
        maxWaitTimeInMs: 100,
        sessionTimeout: 6000,
        rebalanceTimeout: 3000,
        heartbeatInterval: 200,
      });
      await consumer.connect();
      closing.push(() => consumer.disconnect());
      return read(consumer, topic);
    },
    close: async () => {
      await Promise.all(closing.splice(0).map((close) => close()));
    },
  };
}

async function produce(
  kafka: Kafka,
  topic: string,
  { values, compression }: { values: readonly string[]; compression: CompressionTypes },
): Promise<string[]> {
  const producer = kafka.producer();
  await producer.connect();
  const messages = values.map((value) => ({ key: 'k', value, headers: { h: 'x' } }));
  const sent = await producer.send({ topic, compression, messages });
  await producer.disconnect();
  return sent.map(({ baseOffset }) => baseOffset ?? '');
}

async function read(consumer: Consumer, topic: string): Promise<Reading> {
  await consumer.subscribe({ topic, fromBeginning: true });
  const seen: Reading['seen'] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message, partition, topic: from }) => {
      const { key, value, headers = {}, offset } = message;
      seen.push({
        value: String(value),
        key: String(key),
        header: String(headers['h']),
        partition,
        offset,
      });
      await consumer.commitOffsets([{ topic: from, partition, offset: String(Number(offset) + 1) }]);
      for (const each of waiting) if (seen.length >= each.count) each.resolve();
    },
  });
  return {
    consumer,
    seen,
    until: (count) =>
      seen.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}
