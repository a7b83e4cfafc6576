import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MskInvokeEvent } from '../src/msk/event.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { startPoller, type Poller, type PollerOptions, type TestFunction } from './poller.ts';

let broker: TestBroker;
const pollers: Poller[] = [];
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', DEFAULT_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', DEFAULT_CREDENTIALS.secretAccessKey);
  broker = await startTestBroker();
});

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop(0)));
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await broker.close();
});

function poll(options: PollerOptions, run: TestFunction): Poller {
  const poller = startPoller(broker, options, run);
  pollers.push(poller);
  return poller;
}

const succeed: TestFunction = () => Promise.resolve(null);
const fail: TestFunction = () => Promise.reject(new Error('never'));
const offsetsOf = ({ invocations }: Poller) => invocations.entries.map(({ offsets }) => offsets);

describe('startingPosition AT_TIMESTAMP', () => {
  const at = (value: string, timestamp: number) => ({ value, timestamp: String(timestamp), partition: 0 });
  const time = Date.now() - 60_000;

  it('begins with the first record of that time or later, and goes on from there after a restart', async () => {
    const topic = await broker.createTopic();
    for (const [index, age] of [20_000, 10_000, 0].entries()) {
      await broker.produce(topic, [at(String(index), time - age)]);
    }
    const options = { topic, startingPosition: { timestamp: time - 15_000 } };
    const first = poll(options, succeed);
    await broker.waitForCommitted(first.group, topic, [3]);
    expect(offsetsOf(first)).toEqual([[1, 2]]);
    await first.stop();
    const second = poll(options, succeed);
    await second.ready;
    await broker.produce(topic, [at('3', time)]);
    await broker.waitForCommitted(second.group, topic, [4]);
    expect(offsetsOf(second)).toEqual([[3]]);
  });

  it('begins at the end where all is older', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, [at('old', time - 5000)]);
    const poller = poll({ topic, startingPosition: { timestamp: time } }, succeed);
    await broker.waitForCommitted(poller.group, topic, [1]);
    await broker.produce(topic, [at('new', time + 5000)]);
    await broker.waitForCommitted(poller.group, topic, [2]);
    expect(offsetsOf(poller)).toEqual([[1]]);
  });
});

describe('retry settings', () => {
  it('ends endless retries after ten where there is an on-failure destination', async () => {
    const [topic, dead] = [await broker.createTopic(), await broker.createTopic()];
    await broker.produce(topic, [{ value: 'a', partition: 0 }]);
    const options = { topic, onFailure: `kafka://${dead}`, backoff: { initialMs: 1, maxMs: 5 } };
    const poller = poll(options, fail);
    await broker.waitForCommitted(poller.group, topic, [1]);
    expect(offsetsOf(poller)).toEqual(Array.from({ length: 11 }, () => [0]));
    const [letter] = await (await broker.tap(dead)).waitFor(() => true);
    expect(String(letter!.headers!['dlq_attempts'])).toBe('11');
  });

  it('counts attempts anew after a restart of the poller, whose group keeps offsets alone', async () => {
    const [topic, dead] = [await broker.createTopic(), await broker.createTopic()];
    await broker.produce(topic, [{ value: 'a', partition: 0 }]);
    const options = { topic, onFailure: `kafka://${dead}`, maximumRetryAttempts: 2 };
    const first = poll({ ...options, backoff: { initialMs: 60_000, maxMs: 60_000 } }, fail);
    await first.lines.waitFor(({ event }) => event === 'batch_failed');
    await first.stop(0);
    const second = poll(options, fail);
    await broker.waitForCommitted(second.group, topic, [1]);
    expect([offsetsOf(first), offsetsOf(second)]).toEqual([[[0]], [[0], [0], [0]]]);
    const [letter] = await (await broker.tap(dead)).waitFor(() => true);
    expect(String(letter!.headers!['dlq_attempts'])).toBe('3');
  });

  it('halves a failed batch and gives records up by age, as told', async () => {
    const [topic, dead] = [await broker.createTopic(), await broker.createTopic()];
    const old = String(Date.now() - 61_000);
    await broker.produce(topic, [
      { value: 'good', partition: 0 },
      { value: 'poison', partition: 0 },
      { value: 'old', timestamp: old, partition: 0 },
    ]);
    const options = {
      topic,
      onFailure: `kafka://${dead}`,
      bisectBatchOnFunctionError: true,
      maximumRecordAgeInSeconds: 60,
      maximumRetryAttempts: 0,
    };
    const poller = poll(options, ({ offsets }) =>
      offsets.includes(1) ? fail({} as never) : succeed({} as never),
    );
    await broker.waitForCommitted(poller.group, topic, [3]);
    expect(offsetsOf(poller)).toEqual([[0, 1], [0], [1]]);
    const letters = await (await broker.tap(dead)).waitFor(() => true, { count: 2 });
    const told = letters.map(({ value, headers }) => [String(value), String(headers!['dlq_error_code'])]);
    expect(told).toEqual([
      ['old', 'RECORD_AGE_EXCEEDED'],
      ['poison', 'UNKNOWN'],
    ]);
  });
});

describe('an on-failure topic', () => {
  it('takes a batch larger than a broker takes at once', async () => {
    const [topic, dead] = [await broker.createTopic(), await broker.createTopic()];
    for (const fill of [1, 2, 3]) {
      await broker.produce(topic, [{ value: Buffer.alloc(600_000, fill), partition: 0 }]);
    }
    const options = { topic, onFailure: `kafka://${dead}`, maximumRetryAttempts: 0, batchingWindowMs: 500 };
    const poller = poll(options, fail);
    await broker.waitForCommitted(poller.group, topic, [3]);
    const letters = await (await broker.tap(dead)).waitFor(() => true, { count: 3 });
    expect(letters.map(({ value }) => [value!.length, value![0]])).toEqual([
      [600_000, 1],
      [600_000, 2],
      [600_000, 3],
    ]);
  });

  it('takes the headers and the place of a record that is too large beside them, so that nothing blocks', async () => {
    const [topic, dead] = [await broker.createTopic(), await broker.createTopic()];
    await broker.produce(topic, [{ key: 'k', value: Buffer.alloc(1_048_400, 1), partition: 0 }]);
    const poller = poll({ topic, onFailure: `kafka://${dead}`, maximumRetryAttempts: 0 }, fail);
    await broker.waitForCommitted(poller.group, topic, [1]);
    const [letter] = await (await broker.tap(dead)).waitFor(() => true);
    expect(letter!.value).toBeNull();
    expect(String(letter!.key)).toBe('k');
    expect(String(letter!.headers!['dlq_value'])).toContain('too large');
    expect(String(letter!.headers!['dlq_offset'])).toBe('0');
  });
});

describe('an on-failure bucket', () => {
  it('gets one invocation record for a batch given up, with the event in it', async () => {
    const { endpoint, client } = await startBucket();
    const topic = await broker.createTopic();
    await broker.produce(topic, [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 0 },
    ]);
    const options = { topic, onFailure: 'arn:aws:s3:::given-up', maximumRetryAttempts: 1, s3: { endpoint } };
    const poller = poll(options, fail);
    await broker.waitForCommitted(poller.group, topic, [2]);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'given-up' }));
    expect(Contents).toHaveLength(1);
    expect(Contents[0]!.Key).toMatch(
      new RegExp(`^aws/lambda/[0-9a-f-]{36}/${topic}-0/\\d{4}/\\d\\d/\\d\\d/`),
    );
    const object = await client.send(new GetObjectCommand({ Bucket: 'given-up', Key: Contents[0]!.Key! }));
    const record = JSON.parse((await object.Body?.transformToString()) ?? '') as Record<string, unknown>;
    expect(record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
      KafkaBatchInfo: { batchSize: 2, recordsInfo: { [`${topic}-0`]: { lastRecordOffset: '1' } } },
    });
    const event = JSON.parse(String(record['payload'])) as MskInvokeEvent;
    expect(event.records[`${topic}-0`]!.map(({ value }) => value)).toEqual(['YQ==', 'Yg==']);
  });
});

async function startBucket(): Promise<{ endpoint: string; client: S3Client }> {
  const directory = await mkdtemp(join(tmpdir(), 'event-sources-s3-'));
  const server = await startS3({ directory, port: 0, buckets: ['given-up'] });
  const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true });
  closing.push(async () => {
    client.destroy();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { endpoint: server.endpoint, client };
}
