import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packedBatch } from '../../kafka/src/testing/batch.ts';
import { COMPRESSED_BATCHES } from '../../kafka/src/testing/compressed-batches.ts';
import { startOwn } from '../../kafka/src/testing/target.ts';
import { produceRaw, rawClient, type RawClient } from '../../kafka/src/testing/raw-client.ts';
import { registerCodecs } from '../src/kafka/codecs.ts';
import { silentLog } from '../src/log.ts';
import type { S3Rule } from '../src/s3/filter.ts';
import { startS3Mapping } from '../src/s3/mapping.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { Journal } from './journal.ts';
import { notification } from './notifications.ts';
import { startPoller, valuesOf, type Poller } from './poller.ts';

let broker: TestBroker;
let raw: RawClient;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // Apache Kafka takes none of these: they come from elsewhere, or are damaged where they lie.
  broker = await startTestBroker(await startOwn());
  raw = await rawClient(Number(broker.bootstrapServers.split(':').at(-1)));
});

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

afterAll(async () => {
  raw.socket.destroy();
  await broker.close();
});

function poll(topic: string, onFailure?: string): Poller {
  const destination = onFailure === undefined ? {} : { onFailure: `kafka://${onFailure}` };
  const poller = startPoller(broker, { topic, ...destination }, () => Promise.resolve(null));
  closing.push(() => poller.stop(0));
  return poller;
}

const rebalances = ({ lines }: Poller) =>
  lines.entries.filter(({ event }) => event === 'rebalance' || event === 'consumer_restarting').length;

const garbage = Buffer.from('these bytes are of no codec at all');
const zstd = Buffer.from(COMPRESSED_BATCHES['java-zstd'] ?? '', 'base64').subarray(61);

describe('a batch that nobody can read', () => {
  it.each([
    ['gzip', 1, garbage, 3],
    ['snappy', 2, garbage, 3],
    ['lz4', 3, garbage, 1],
    ['zstd', 4, garbage, 300],
    ['a codec that is none', 5, garbage, 2],
    ['the last codec that there could be', 7, garbage, 1],
    ['zstd, torn', 4, zstd.subarray(0, 80), 12],
    ['zstd of more records than there are', 4, zstd, 13],
    ['zstd of fewer records than there are', 4, zstd, 11],
    ['gzip of no records', 1, gzipSync(garbage), 1],
    ['gzip of nothing', 1, gzipSync(Buffer.alloc(0)), 2],
    ['gzip that would fill the memory', 1, gzipSync(Buffer.alloc(200 * 2 ** 20)), 4],
  ])('is given up and passed over: %s', async (_, codec, packed, count) => {
    const [topic, letters] = [await broker.createTopic(), await broker.createTopic()];
    const batch = packedBatch(codec, packed, count);
    await broker.produce(topic, [{ value: 'before' }]);
    expect(await produceRaw(raw, topic, batch)).toEqual({ code: 0, offset: 1n });
    await broker.produce(topic, [{ value: 'behind' }]);
    const tap = await broker.tap(letters);
    const poller = poll(topic, letters);
    await broker.waitForCommitted(poller.group, topic, [count + 2]);
    expect(valuesOf(poller)).toEqual(['before', 'behind']);
    const [letter] = await tap.waitFor(() => true);
    expect(tap.entries).toHaveLength(1);
    const { headers = {}, value } = letter!;
    expect(Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]))).toEqual({
      dlq_error_name: 'BatchUnreadable',
      dlq_error_code: 'BATCH_UNREADABLE',
      dlq_error_message: expect.stringContaining(`at offsets 1 to ${count}, got: `),
      dlq_attempts: '0',
      dlq_function: 'under-test',
      dlq_topic: topic,
      dlq_partition: '0',
      dlq_offset: '1',
      dlq_last_offset: String(count),
      dlq_timestamp: expect.any(String),
    });
    expect(value?.subarray(61).equals(packed)).toBe(true);
    expect(rebalances(poller)).toBe(1);
  });

  it('is logged where there is no destination, and holds up neither its partition nor another', async () => {
    const topic = await broker.createTopic(2);
    await produceRaw(raw, topic, packedBatch(4, garbage, 5));
    await broker.produce(topic, [
      { value: 'behind', partition: 0 },
      { value: 'beside', partition: 1 },
    ]);
    const poller = poll(topic);
    await broker.waitForCommitted(poller.group, topic, [6, 1]);
    expect(valuesOf(poller).toSorted()).toEqual(['behind', 'beside']);
    expect(poller.lines.entries.filter(({ event }) => event === 'record_given_up')).toMatchObject([
      { topic, partition: 0, offset: 4, error: { code: 'BATCH_UNREADABLE' } },
    ]);
  });

  it('is given up by a mapping that filters as well', async () => {
    const topic = await broker.createTopic();
    await produceRaw(raw, topic, packedBatch(2, garbage, 2));
    const filterPatterns = [{ value: { kind: ['wanted'] } }];
    const poller = startPoller(broker, { topic, filterPatterns }, () => Promise.resolve(null));
    closing.push(() => poller.stop(0));
    await poller.lines.waitFor(({ event }) => event === 'record_given_up');
    await broker.waitForCommitted(poller.group, topic, [2]);
    expect(poller.invocations.entries).toEqual([]);
  });

  it('of notifications goes to the topics of the function, and the next object is handled', async () => {
    const [topic, letters] = [await broker.createTopic(), await broker.createTopic()];
    await produceRaw(raw, topic, packedBatch(3, garbage, 2));
    await broker.produce(topic, [notification({ key: 'a.csv' })]);
    const tap = await broker.tap(letters);
    const handled = new Journal<unknown>();
    const rule: S3Rule = {
      bucket: 'uploads',
      event: 's3:ObjectCreated:*',
      prefix: '',
      suffix: '',
      onFailureTopic: letters,
    };
    const mapping = startS3Mapping({
      bootstrapServers: broker.bootstrapServers,
      topic,
      functionName: 'on-upload',
      rules: [rule, { ...rule, suffix: '.csv' }],
      log: silentLog,
      invoke: (event) => Promise.resolve(handled.add(event)),
    });
    closing.push(() => mapping.stop(0));
    await broker.waitForCommitted(`on-upload-${topic}`, topic, [3]);
    expect(handled.entries).toHaveLength(1);
    const [letter] = await tap.waitFor(() => true);
    expect([letter!.headers?.['dlq_offset'], letter!.headers?.['dlq_last_offset']].map(String)).toEqual([
      '0',
      '1',
    ]);
    expect(tap.entries).toHaveLength(1);
  });

  it('is an error to every other consumer of the process, as before', async () => {
    registerCodecs();
    const { decompress } = CompressionCodecs[CompressionTypes.ZSTD]() as {
      decompress: (packed: Buffer) => Promise<Buffer>;
    };
    const batch = packedBatch(4, garbage);
    await expect(decompress(batch.subarray(61))).rejects.toThrow('zstd');
  });
});
