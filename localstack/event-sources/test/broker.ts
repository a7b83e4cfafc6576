// A broker for tests: the stand-in, or the real one that KAFKA_BOOTSTRAP_SERVERS names.
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
  type KafkaMessage,
  type Message,
  type Producer,
} from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from './journal.ts';
import { createReadyTopics } from './ready-topics.ts';

export interface TestBroker {
  readonly bootstrapServers: string;
  readonly createTopic: (partitions?: number) => Promise<string>;
  readonly produce: (topic: string, messages: Message[]) => Promise<void>;
  /** Committed offsets by partition; -1 where there is none. */
  readonly committed: (group: string, topic: string) => Promise<number[]>;
  /** Resolves once the group's committed offsets of the topic are these. */
  readonly waitForCommitted: (
    group: string,
    topic: string,
    offsets: readonly number[],
    timeoutMs?: number,
  ) => Promise<void>;
  /** Every record of the topic from its start on. */
  readonly tap: (topic: string) => Promise<Journal<KafkaMessage & { partition: number }>>;
  /** A member of the group beside the pollers, which handles nothing. */
  readonly joinGroup: (groupId: string, topic: string, clientId: string) => Promise<Consumer>;
  readonly close: () => Promise<void>;
}

interface Server {
  readonly bootstrapServers: string;
  readonly close: () => Promise<void>;
}

export async function startTestBroker(running?: Server): Promise<TestBroker> {
  const server = running ?? (await startServer());
  const kafka = client(server.bootstrapServers, 'test');
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  const closing: (() => Promise<void>)[] = [];
  return {
    bootstrapServers: server.bootstrapServers,
    createTopic: (partitions = 1) => createTopic(admin, partitions),
    produce: (topic, messages) => produce(producer, topic, messages),
    committed: (group, topic) => committed(admin, group, topic),
    waitForCommitted: (group, topic, offsets, timeoutMs = 15_000) =>
      waitForCommitted(admin, { group, topic, offsets, timeoutMs }),
    tap: (topic) => tap(kafka, topic, closing),
    async joinGroup(groupId, topic, clientId) {
      const consumer = client(server.bootstrapServers, clientId).consumer({ groupId, maxWaitTimeInMs: 100 });
      closing.push(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topic });
      await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
      return consumer;
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
      await Promise.all([admin.disconnect(), producer.disconnect()]);
      await server.close();
    },
  };
}

function client(bootstrapServers: string, clientId: string): Kafka {
  return new Kafka({ clientId, brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING });
}

async function startServer(): Promise<Server> {
  const real = process.env['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
  if (real !== '') return { bootstrapServers: real, close: () => Promise.resolve() };
  const { startBroker } = await import('@flts/kafka');
  const directory = await mkdtemp(join(tmpdir(), 'event-sources-'));
  const broker = await startBroker({ directory, port: 0 });
  return {
    bootstrapServers: broker.bootstrapServers,
    async close() {
      await broker.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function createTopic(admin: Admin, numPartitions: number): Promise<string> {
  const topic = `t-${randomUUID().slice(0, 8)}`;
  await createReadyTopics(admin, [{ topic, numPartitions }]);
  return topic;
}

async function produce(producer: Producer, topic: string, messages: Message[]): Promise<void> {
  await producer.send({ topic, messages });
}

async function committed(admin: Admin, groupId: string, topic: string): Promise<number[]> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const partitions = answer?.partitions ?? [];
  return partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
}

interface ExpectedOffsets {
  readonly group: string;
  readonly topic: string;
  readonly offsets: readonly number[];
  readonly timeoutMs: number;
}

async function waitForCommitted(
  admin: Admin,
  { group, topic, offsets, timeoutMs }: ExpectedOffsets,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await committed(admin, group, topic);
    if (JSON.stringify(found) === JSON.stringify(offsets)) return;
    if (Date.now() > deadline) {
      throw new Error(`expected committed offsets ${offsets.join()}, got ${found.join()}`);
    }
  }
}

async function tap(
  kafka: Kafka,
  topic: string,
  closing: (() => Promise<void>)[],
): Promise<Journal<KafkaMessage & { partition: number }>> {
  const journal = new Journal<KafkaMessage & { partition: number }>();
  const consumer = kafka.consumer({ groupId: `tap-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message, partition }) => Promise.resolve(journal.add({ ...message, partition })),
  });
  closing.push(() => consumer.disconnect());
  return journal;
}
