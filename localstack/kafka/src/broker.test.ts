import { Kafka, logLevel, type Consumer, CompressionTypes } from 'kafkajs';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker, type Broker } from './broker.ts';

let directory: string;
let broker: Broker;
const closing: (() => Promise<void>)[] = [];

const kafka = (): Kafka =>
  new Kafka({
    clientId: 'test',
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flts-kafka-'));
  broker = await startBroker({ directory, port: 0 });
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await broker.close();
  rmSync(directory, { recursive: true, force: true });
});

async function produce(
  topic: string,
  values: readonly string[],
  compression = CompressionTypes.None,
): Promise<string[]> {
  const producer = kafka().producer();
  await producer.connect();
  const sent = await producer.send({
    topic,
    compression,
    messages: values.map((value) => ({ key: 'k', value, headers: { h: 'x' } })),
  });
  await producer.disconnect();
  return sent.map(({ baseOffset }) => baseOffset ?? '');
}

interface Reading {
  readonly consumer: Consumer;
  readonly seen: { value: string; partition: number; offset: string }[];
  until(count: number): Promise<void>;
}

async function read(topic: string, groupId: string): Promise<Reading> {
  const consumer = kafka().consumer({
    groupId,
    maxWaitTimeInMs: 100,
    rebalanceTimeout: 3000,
    heartbeatInterval: 200,
  });
  await consumer.connect();
  closing.push(() => consumer.disconnect());
  await consumer.subscribe({ topic, fromBeginning: true });
  const seen: Reading['seen'] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message, partition, topic: from }) => {
      seen.push({ value: String(message.value), partition, offset: message.offset });
      await consumer.commitOffsets([{ topic: from, partition, offset: String(Number(message.offset) + 1) }]);
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

describe('a broker', () => {
  it('hands over what was produced, in order, with keys and headers', async () => {
    expect(await produce('t', ['a', 'b'])).toEqual(['0']);
    expect(await produce('t', ['c'], CompressionTypes.GZIP)).toEqual(['2']);
    const reading = await read('t', 'g');
    await reading.until(3);
    expect(reading.seen).toEqual(
      ['a', 'b', 'c'].map((value, offset) => ({ value, partition: 0, offset: String(offset) })),
    );
  });

  it('wakes a waiting fetch when a record arrives', async () => {
    await produce('t', ['first']);
    const reading = await read('t', 'g');
    await reading.until(1);
    await produce('t', ['second']);
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['first', 'second']);
  });

  it('keeps records and committed offsets over a restart on the same directory', async () => {
    await produce('t', ['a', 'b']);
    const before = await read('t', 'g');
    await before.until(2);
    await before.consumer.disconnect();
    closing.length = 0;
    const { port } = broker;
    await broker.close();
    broker = await startBroker({ directory, port });
    await produce('t', ['c']);
    const after = await read('t', 'g');
    await after.until(1);
    expect(after.seen).toEqual([{ value: 'c', partition: 0, offset: '2' }]);
  });

  it('cuts a torn tail and goes on behind the last whole batch', async () => {
    await produce('t', ['a']);
    const { port } = broker;
    await broker.close();
    const [folder = ''] = readdirSync(join(directory, 'topics'));
    appendFileSync(
      join(directory, 'topics', folder, '0', 'records.log'),
      Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 9]),
    );
    broker = await startBroker({ directory, port });
    expect(await produce('t', ['b'])).toEqual(['1']);
    const reading = await read('t', 'g');
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  it(
    'splits partitions between two consumers of a group and gives them back',
    { timeout: 30_000 },
    async () => {
      const admin = kafka().admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'p', numPartitions: 2 }] });
      const [first, second] = [await read('p', 'g'), await read('p', 'g')];
      const assigned = async (): Promise<number> =>
        (await admin.describeGroups(['g'])).groups[0]?.members.length ?? 0;
      await expect.poll(assigned, { timeout: 15_000 }).toBe(2);
      await expect
        .poll(async () => (await admin.describeGroups(['g'])).groups[0]?.state, { timeout: 15_000 })
        .toBe('Stable');
      const producer = kafka().producer();
      await producer.connect();
      await producer.send({
        topic: 'p',
        messages: [
          { value: 'zero', partition: 0 },
          { value: 'one', partition: 1 },
        ],
      });
      await Promise.all([first.until(1), second.until(1)]);
      expect([...first.seen, ...second.seen].map(({ value }) => value).toSorted()).toEqual(['one', 'zero']);
      await second.consumer.disconnect();
      await producer.send({
        topic: 'p',
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
    const admin = kafka().admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic: 'new', numPartitions: 2 }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic: 'new' }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic: 'new', count: 3 }] });
    expect((await admin.fetchTopicOffsets('new')).map(({ high }) => high)).toEqual(['0', '0', '0']);
    await admin.deleteTopics({ topics: ['new'] });
    expect(await admin.listTopics()).not.toContain('new');
    await admin.disconnect();
  });

  it('stores a retried batch of an idempotent producer once', async () => {
    const producer = kafka().producer({ idempotent: true });
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ value: 'a' }] });
    await producer.send({ topic: 't', messages: [{ value: 'b' }] });
    await producer.disconnect();
    const reading = await read('t', 'g');
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  it('closes a connection that sends garbage, and serves the others', async () => {
    const socket = connect(broker.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await closed;
    expect(await produce('t', ['still here'])).toEqual(['0']);
  });

  it('refuses a taken port and a directory in use by name', async () => {
    const other = mkdtempSync(join(tmpdir(), 'flts-kafka-'));
    await expect(startBroker({ directory: other, port: broker.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(broker.port)),
    });
    await expect(startBroker({ directory, port: 0 })).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    rmSync(other, { recursive: true });
  });

  it('closes at once with a long poll waiting', async () => {
    await produce('t', ['a']);
    const reading = await read('t', 'g');
    await reading.until(1);
    const { port } = broker;
    await broker.close();
    broker = await startBroker({ directory, port });
    expect(await produce('t', ['b'])).toEqual(['1']);
  });
});
