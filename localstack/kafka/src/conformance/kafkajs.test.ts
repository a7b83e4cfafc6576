import { CompressionTypes } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kafkajsClients, type KafkajsClients } from '../testing/kafkajs-clients.ts';
import { startTarget, type BrokerTarget } from '../testing/target.ts';

let broker: BrokerTarget;
let clients: KafkajsClients;
let topic: string;
let group: string;

beforeAll(async () => {
  broker = await startTarget();
});
afterAll(() => broker?.close());
beforeEach(() => {
  clients = kafkajsClients(broker.bootstrapServers);
  topic = `t-${randomUUID()}`;
  group = `g-${randomUUID()}`;
});
afterEach(() => clients.close());

describe('kafkajs', () => {
  it('hands over what was produced, in order, with keys and headers', async () => {
    expect(await clients.produce(topic, ['a', 'b'])).toEqual(['0']);
    expect(await clients.produce(topic, ['c'], CompressionTypes.GZIP)).toEqual(['2']);
    const reading = await clients.read(topic, group);
    await reading.until(3);
    expect(reading.seen).toEqual(
      ['a', 'b', 'c'].map((value, offset) => ({
        value,
        key: 'k',
        header: 'x',
        partition: 0,
        offset: String(offset),
      })),
    );
  });

  it('wakes a waiting fetch when a record arrives', async () => {
    await clients.produce(topic, ['first']);
    const reading = await clients.read(topic, group);
    await reading.until(1);
    await clients.produce(topic, ['second']);
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['first', 'second']);
  });

  it(
    'splits partitions between two consumers of a group and gives them back',
    { timeout: 30_000 },
    async () => {
      const admin = clients.kafka.admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      const [first, second] = [await clients.read(topic, group), await clients.read(topic, group)];
      const assigned = async (): Promise<number> =>
        (await admin.describeGroups([group])).groups[0]?.members.length ?? 0;
      await expect.poll(assigned, { timeout: 15_000 }).toBe(2);
      await expect
        .poll(async () => (await admin.describeGroups([group])).groups[0]?.state, { timeout: 15_000 })
        .toBe('Stable');
      const producer = clients.kafka.producer();
      await producer.connect();
      await producer.send({
        topic,
        messages: [
          { value: 'zero', partition: 0 },
          { value: 'one', partition: 1 },
        ],
      });
      await Promise.all([first.until(1), second.until(1)]);
      expect([...first.seen, ...second.seen].map(({ value }) => value).toSorted()).toEqual(['one', 'zero']);
      await second.consumer.disconnect();
      await producer.send({
        topic,
        messages: [
          { value: 'both', partition: 0 },
          { value: 'both', partition: 1 },
        ],
      });
      await first.until(3);
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  );

  it('creates, lists, grows and deletes topics', async () => {
    const admin = clients.kafka.admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    // Apache Kafka's brokers hear of new partitions a moment after the answer.
    await expect
      .poll(async () => (await admin.fetchTopicOffsets(topic)).map(({ high }) => high), { timeout: 10_000 })
      .toEqual(['0', '0', '0']);
    await admin.deleteTopics({ topics: [topic] });
    // Apache Kafka answers the deletion before every list of topics knows of it.
    await expect.poll(() => admin.listTopics(), { timeout: 10_000 }).not.toContain(topic);
    await admin.disconnect();
  });

  it.each([8, 9, 100])('tells of every one of %i partitions, and takes records for each', async (count) => {
    const admin = clients.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: count }] });
    const ids = Array.from({ length: count }, (_, partition) => partition);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const [node] = (await admin.describeCluster()).brokers;
    const places = topics[0]?.partitions.map(
      ({ partitionId, leader, replicas, isr, partitionErrorCode }) => ({
        partitionId,
        leader,
        replicas,
        isr,
        partitionErrorCode,
      }),
    );
    expect(places?.toSorted((a, b) => a.partitionId - b.partitionId)).toEqual(
      ids.map((partitionId) => ({
        partitionId,
        leader: node?.nodeId,
        replicas: [node?.nodeId],
        isr: [node?.nodeId],
        partitionErrorCode: 0,
      })),
    );
    const producer = clients.kafka.producer();
    await producer.connect();
    await producer.send({
      topic,
      messages: ids.map((partition) => ({ partition, value: String(partition) })),
    });
    const reading = await clients.read(topic, group);
    // At least once: a group that is rebalanced while it reads sees some again.
    const partitionsSeen = () => [...new Set(reading.seen.map(({ partition }) => partition))];
    await expect.poll(() => partitionsSeen().length, { timeout: 15_000 }).toBe(count);
    expect(partitionsSeen().toSorted((a, b) => a - b)).toEqual(ids);
    expect(reading.seen.every(({ partition, value }) => value === String(partition))).toBe(true);
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  it('stores a retried batch of an idempotent producer once', async () => {
    const producer = clients.kafka.producer({ idempotent: true });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'a' }] });
    await producer.send({ topic, messages: [{ value: 'b' }] });
    await producer.disconnect();
    const reading = await clients.read(topic, group);
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['a', 'b']);
  });
});
