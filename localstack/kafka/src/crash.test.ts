import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker, type Broker } from './broker.ts';
import { Writer } from './protocol/writer.ts';
import { encodeBatch } from './testing/batch.ts';
import { startChild } from './testing/child.ts';
import { createTopic, produceRaw, rawClient } from './testing/raw-client.ts';

let directory: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flts-kafka-crash-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(directory, { recursive: true, force: true });
});

async function start(port = 0): Promise<Broker> {
  const broker = await startBroker({ directory, port });
  closing.push(() => broker.close());
  return broker;
}

const kafka = (port: number): Kafka =>
  new Kafka({
    clientId: 'crash',
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 50 },
  });

/** Reads and commits until `count` values came. */
async function readTo(consumer: Consumer, topic: string, count: number): Promise<string[]> {
  await consumer.connect();
  closing.push(() => consumer.disconnect());
  await consumer.subscribe({ topic, fromBeginning: true });
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({
      message,
      partition,
    }: {
      message: { value: Buffer | null; offset: string };
      partition: number;
    }) => {
      seen.push(String(message.value));
      await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(message.offset) + 1n) }]);
      if (seen.length === count) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  return seen;
}

describe('SIGKILL of the broker', () => {
  it('while records stream in loses none that was acknowledged, and numbers on from there', async () => {
    const child = await startChild(directory);
    const client = await rawClient(child.port);
    await createTopic(client, 't');
    const acknowledged: bigint[] = [];
    const write = async (): Promise<void> => {
      for (;;) {
        const { offset } = await produceRaw(client, 't', encodeBatch({ values: ['x'.repeat(1000)] }));
        acknowledged.push(offset);
        // Answers go on coming while the signal is on its way.
        if (acknowledged.length === 200) void child.kill();
      }
    };
    await expect(write()).rejects.toThrow('closed');
    await child.kill();
    const after = await rawClient((await start()).port);
    closing.push(async () => after.socket.destroy());
    const { code, offset } = await produceRaw(after, 't', encodeBatch({ values: ['next'] }));
    expect(code).toBe(0);
    expect(acknowledged).toEqual(Array.from(acknowledged, (_, index) => BigInt(index)));
    expect([acknowledged.length, acknowledged.length + 1]).toContain(Number(offset));
  });

  it('keeps committed offsets: the next member begins behind them', async () => {
    const child = await startChild(directory);
    const producer = kafka(child.port).producer();
    await producer.connect();
    await producer.send({ topic: 't', messages: ['a', 'b', 'c'].map((value) => ({ value })) });
    await producer.disconnect();
    const before = kafka(child.port).consumer({ groupId: 'g', maxWaitTimeInMs: 100 });
    expect(await readTo(before, 't', 3)).toEqual(['a', 'b', 'c']);
    // Gone before its broker, else it would hold the group for a session.
    await before.disconnect();
    await child.kill();
    const { port } = await start();
    const again = kafka(port).producer();
    await again.connect();
    await again.send({ topic: 't', messages: [{ value: 'd' }] });
    await again.disconnect();
    expect(await readTo(kafka(port).consumer({ groupId: 'g', maxWaitTimeInMs: 100 }), 't', 1)).toEqual(['d']);
  });

  it('is survived by a consumer that stays: it joins again and goes on', { timeout: 30_000 }, async () => {
    const child = await startChild(directory);
    const client = await rawClient(child.port);
    await createTopic(client, 't');
    await produceRaw(client, 't', encodeBatch({ values: ['a'] }));
    const consumer = kafka(child.port).consumer({
      groupId: 'g',
      maxWaitTimeInMs: 100,
      heartbeatInterval: 200,
    });
    await consumer.connect();
    closing.push(() => consumer.disconnect());
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    const seen: string[] = [];
    let wake: () => void = () => {};
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(String(message.value));
        wake();
      },
    });
    const until = (value: string): Promise<void> =>
      new Promise((resolve) => {
        wake = () => (seen.includes(value) ? resolve() : undefined);
        wake();
      });
    await until('a');
    await child.kill();
    await start(child.port);
    const other = await rawClient(child.port);
    closing.push(async () => other.socket.destroy());
    await produceRaw(other, 't', encodeBatch({ values: ['b'] }));
    await until('b');
    expect(new Set(seen)).toEqual(new Set(['a', 'b']));
  });
});

describe('a directory that a crash left', () => {
  it('with a topic half-deleted opens without it', async () => {
    const broker = await start();
    const client = await rawClient(broker.port);
    await createTopic(client, 'kept');
    await createTopic(client, 'going');
    client.socket.destroy();
    await broker.close();
    closing.length = 0;
    const going = readdirSync(join(directory, 'topics')).find((name) => name.startsWith('going')) ?? '';
    rmSync(join(directory, 'topics', going, 'topic.json'));
    const after = await rawClient((await start()).port);
    closing.push(async () => after.socket.destroy());
    expect([await createTopic(after, 'kept'), await createTopic(after, 'going')]).toEqual([36, 0]);
  });

  it('with a topic whose description is damaged is refused by name, its records left alone', async () => {
    const broker = await start();
    const client = await rawClient(broker.port);
    await createTopic(client, 't');
    client.socket.destroy();
    await broker.close();
    closing.length = 0;
    const [folder = ''] = readdirSync(join(directory, 'topics'));
    const path = join(directory, 'topics', folder, 'topic.json');
    writeFileSync(path, '');
    await expect(start()).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(path),
    });
    expect(readdirSync(join(directory, 'topics', folder))).toEqual(['0', 'topic.json']);
  });
});

it('begins a topic made again at 0 for groups that had read the old one', async () => {
  const { port } = await start();
  const admin = kafka(port).admin();
  await admin.connect();
  closing.push(() => admin.disconnect());
  await admin.createTopics({ topics: [{ topic: 't' }] });
  const client = await rawClient(port);
  closing.push(async () => client.socket.destroy());
  const commit = new Writer()
    .string('g')
    .int32(-1)
    .string('')
    .array(['t'], (name, writer) => {
      writer.string(name).array([0], (index) => writer.int32(index).int64(5).string(null));
    });
  await client.ask(8, 5, commit.finish());
  const before = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] });
  expect(before[0]?.partitions).toMatchObject([{ partition: 0, offset: '5' }]);
  await admin.deleteTopics({ topics: ['t'] });
  await admin.createTopics({ topics: [{ topic: 't' }] });
  const [committed] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] });
  expect(committed?.partitions).toMatchObject([{ partition: 0, offset: '-1' }]);
});
