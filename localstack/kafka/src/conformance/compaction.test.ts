import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kafkajsClients, type KafkajsClients } from '../testing/kafkajs-clients.ts';
import { startTarget, type BrokerTarget } from '../testing/target.ts';

const WAITING = { timeout: 60_000, interval: 200 };
const STEP_MS = 1000;

let broker: BrokerTarget;
let clients: KafkajsClients;
let topic: string;
let producer: Producer;
/** Of the next batch: each one a segment, since it is later than `segment.ms` after the one before. */
let time: number;

beforeAll(async () => {
  broker = await startTarget();
});
afterAll(() => broker?.close());
beforeEach(async () => {
  clients = kafkajsClients(broker.bootstrapServers);
  topic = `compacted-${randomUUID()}`;
  time = Date.now() - 100 * STEP_MS;
  producer = clients.kafka.producer();
  await producer.connect();
});
afterEach(async () => {
  await producer.disconnect();
  const admin = clients.kafka.admin();
  await admin.connect();
  const made = (await admin.listTopics()).filter((name) => name === topic);
  if (made.length > 0) await admin.deleteTopics({ topics: made });
  await admin.disconnect();
  await clients.close();
});

async function createTopic(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const admin = clients.kafka.admin();
  await admin.connect();
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '100',
    'min.cleanable.dirty.ratio': '0.01',
    ...settings,
  };
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  try {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, configEntries }] });
  } finally {
    await admin.disconnect();
  }
}

async function send(
  records: readonly [string, string | null][],
  compression = CompressionTypes.None,
): Promise<void> {
  time += STEP_MS;
  const messages: Message[] = records.map(([key, value]) => ({ key, value, timestamp: String(time) }));
  await producer.send({ topic, compression, messages });
}

/** All records from the first offset on, as `offset key value`, up to the one with that value. */
async function readTo(last: string, fromBeginning = true): Promise<string[]> {
  const consumer = clients.kafka.consumer({ groupId: `g-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning });
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({
      message,
    }: {
      message: { offset: string; key: Buffer | null; value: Buffer | null };
    }) => {
      seen.push(`${message.offset} ${String(message.key)} ${String(message.value)}`);
      if (String(message.value) === last) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return seen;
}

async function deleteFirst(): Promise<void> {
  const admin = clients.kafka.admin();
  await admin.connect();
  try {
    // kafkajs deletes of topics that it has met.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
  } finally {
    await admin.disconnect();
  }
}

describe('a compacted topic', () => {
  it(
    'shows of each key the last record, under its offset and with tombstones',
    { timeout: 90_000 },
    async () => {
      await createTopic();
      await send([
        ['a', '1'],
        ['b', '1'],
        ['c', '1'],
      ]);
      await send(
        [
          ['a', '2'],
          ['d', '1'],
        ],
        CompressionTypes.GZIP,
      );
      await send([['b', null]]);
      await send([['a', 'end']]);
      await expect
        .poll(() => readTo('end'), WAITING)
        .toEqual(['2 c 1', '3 a 2', '4 d 1', '5 b null', '6 a end']);
    },
  );

  it('shows a tombstone no more in the compaction after its time', { timeout: 90_000 }, async () => {
    await createTopic({ 'delete.retention.ms': '1' });
    await send([
      ['a', '1'],
      ['b', '1'],
    ]);
    await send([['a', null]]);
    await send([['c', '1']]);
    await expect.poll(() => readTo('1'), WAITING).toEqual(['1 b 1']);
    await send([['c', '2']]);
    await send([['c', 'end']]);
    await expect.poll(() => readTo('end'), WAITING).toEqual(['1 b 1', '4 c 2', '5 c end']);
  });

  it('keeps where an idempotent producer is', { timeout: 90_000 }, async () => {
    await createTopic();
    const idempotent = clients.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await idempotent.connect();
    const write = async (value: string): Promise<void> => {
      time += STEP_MS;
      await idempotent.send({ topic, messages: [{ key: 'a', value, timestamp: String(time) }] });
    };
    for (const value of ['1', '2', '3']) await write(value);
    await send([['z', 'end']]);
    await expect.poll(() => readTo('end'), WAITING).toEqual(['2 a 3', '3 z end']);
    await write('last');
    await idempotent.disconnect();
    expect(await readTo('last')).toEqual(['2 a 3', '3 z end', '4 a last']);
  });

  it('refuses a record without a key, and the batch that it is in', async () => {
    await createTopic();
    await send([['b', 'first']]);
    const once = clients.kafka.producer({ retry: { retries: 0 } });
    await once.connect();
    const messages = [{ key: 'a', value: '1' }, { value: 'no key' }];
    for (const compression of [CompressionTypes.None, CompressionTypes.GZIP])
      await expect(once.send({ topic, compression, messages })).rejects.toMatchObject({ code: 87 });
    await once.disconnect();
    await send([['a', 'end']]);
    expect(await readTo('end')).toEqual(['0 b first', '1 a end']);
  });

  it('has no record deleted on demand', async () => {
    await createTopic();
    await send([
      ['a', '1'],
      ['b', 'end'],
    ]);
    await expect(deleteFirst()).rejects.toMatchObject({ cause: { partitions: [{ error: { code: 44 } }] } });
    expect(await readTo('end')).toEqual(['0 a 1', '1 b end']);
  });

  it('has records deleted on demand where its policy has delete as well', async () => {
    await createTopic({ 'cleanup.policy': 'compact,delete' });
    await send([
      ['a', '1'],
      ['b', 'end'],
    ]);
    await deleteFirst();
    expect(await readTo('end')).toEqual(['1 b end']);
  });

  it('has a policy of known names', async () => {
    const refused = createTopic({ 'cleanup.policy': 'compress' });
    await expect(refused).rejects.toMatchObject({ errors: [{ code: 40 }] });
  });
});
