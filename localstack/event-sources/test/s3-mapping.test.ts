import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { deferred } from '../src/backoff.ts';
import { silentLog, type LogFields } from '../src/log.ts';
import { configureNotifications } from '../src/s3/configuration.ts';
import { decodeKey, type S3EventRecord } from '../src/s3/event.ts';
import type { S3Rule } from '../src/s3/filter.ts';
import { startS3Mapping, type S3MappingOptions } from '../src/s3/mapping.ts';
import type { Mapping } from '../src/msk/mapping.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { Journal } from './journal.ts';
import { notification } from './notifications.ts';
import { journalLog } from './poller.ts';
import { startNotifyingBucket, type NotifyingBucket } from './notifying-bucket.ts';

let broker: TestBroker;
const mappings: Mapping[] = [];
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', DEFAULT_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', DEFAULT_CREDENTIALS.secretAccessKey);
  broker = await startTestBroker();
});

afterEach(async () => {
  await Promise.all(mappings.splice(0).map((mapping) => mapping.stop(0)));
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await broker.close();
});

const created: S3Rule = { bucket: 'uploads', event: 's3:ObjectCreated:*', prefix: '', suffix: '.csv' };

interface Running {
  /** Keys of the invokes, in the order in which they began. */
  readonly keys: Journal<string>;
  readonly records: S3EventRecord[];
  readonly lines: Journal<LogFields>;
  readonly mapping: Mapping;
}

function run(
  options: Partial<S3MappingOptions> & { topic: string },
  handle: (key: string) => Promise<unknown>,
): Running {
  const keys = new Journal<string>();
  const lines = new Journal<LogFields>();
  const records: S3EventRecord[] = [];
  const mapping = startS3Mapping({
    bootstrapServers: broker.bootstrapServers,
    functionName: 'on-upload',
    rules: [created],
    backoff: { initialMs: 10, maxMs: 50 },
    log: journalLog(lines),
    ...options,
    invoke(event) {
      const [record] = (event as { Records: S3EventRecord[] }).Records;
      const key = decodeKey(record!.s3.object.key);
      records.push(record!);
      keys.add(key);
      return handle(key);
    },
  });
  mappings.push(mapping);
  return { keys, records, lines, mapping };
}

const group = (topic: string) => `on-upload-${topic}`;

describe('S3 notifications', () => {
  it('invokes with one record in the shape of AWS and skips what no rule matches', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, [
      notification({ bucket: 'elsewhere', key: 'a.csv' }),
      notification({ key: 'a.txt' }),
      notification({ key: 'a.csv', eventName: 's3:ObjectRemoved:Delete' }),
      { key: 'broken', value: '{"Records": "none"}', partition: 0 },
      notification({ key: 'folder/a b+c é.csv' }),
    ]);
    const { keys, records } = run({ topic, region: 'eu-west-1' }, () => Promise.resolve());
    await broker.waitForCommitted(group(topic), topic, [5]);
    expect(keys.entries).toEqual(['folder/a b+c é.csv']);
    expect(records[0]).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      awsRegion: 'eu-west-1',
      s3: { object: { key: 'folder/a+b%2Bc+%C3%A9.csv', size: 7, eTag: 'abc' } },
    });
  });

  it('does not let another object wait for a long invoke, and commits in order', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, [notification({ key: 'long.csv' }), notification({ key: 'short.csv' })]);
    const finish = deferred<void>();
    const { keys } = run({ topic }, (key) => (key === 'long.csv' ? finish.promise : Promise.resolve()));
    await keys.waitFor((key) => key === 'short.csv');
    await broker.produce(topic, [notification({ key: 'next.csv' })]);
    await keys.waitFor((key) => key === 'next.csv');
    expect(await broker.committed(group(topic), topic)).toEqual([-1]);
    finish.resolve();
    await broker.waitForCommitted(group(topic), topic, [3]);
  });

  it('runs no more invokes at a time than its concurrency', async () => {
    const topic = await broker.createTopic();
    const uploads = ['1', '2', '3', '4', '5'].map((name) => notification({ key: `${name}.csv` }));
    await broker.produce(topic, uploads);
    let running = 0;
    let most = 0;
    const { keys } = run({ topic, concurrency: 2 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    });
    await broker.waitForCommitted(group(topic), topic, [5]);
    expect(most).toBe(2);
    expect(keys.entries).toHaveLength(5);
  });

  it('gives an object up after three attempts: its key, the event, and the reason in headers', async () => {
    const topic = await broker.createTopic();
    const dead = await broker.createTopic();
    await broker.produce(topic, [notification({ key: 'bad é.csv' })]);
    const { keys } = run({ topic, rules: [{ ...created, onFailureTopic: dead }] }, () =>
      Promise.reject(Object.assign(new Error('no such column'), { code: 'E_COLUMN' })),
    );
    await broker.waitForCommitted(group(topic), topic, [1]);
    expect(keys.entries).toHaveLength(3);
    const [message] = await (await broker.tap(dead)).waitFor(() => true);
    expect(String(message!.key)).toBe('bad é.csv');
    const value = JSON.parse(String(message!.value)) as { Records: S3EventRecord[] };
    expect(value.Records[0]!.s3.object.key).toBe('bad+%C3%A9.csv');
    expect(String(message!.headers!['dlq_error_code'])).toBe('E_COLUMN');
    expect(String(message!.headers!['dlq_attempts'])).toBe('3');
    expect(String(message!.headers!['dlq_topic'])).toBe(topic);
  });

  it('is content with a third attempt', async () => {
    const topic = await broker.createTopic();
    const dead = await broker.createTopic();
    await broker.produce(topic, [notification({ key: 'shy.csv' }), notification({ key: 'bold.csv' })]);
    let calls = 0;
    const { lines } = run({ topic, rules: [{ ...created, onFailureTopic: dead }] }, (key) => {
      if (key === 'shy.csv') calls += 1;
      return key === 'shy.csv' && calls < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await broker.waitForCommitted(group(topic), topic, [2]);
    expect(calls).toBe(3);
    expect(lines.entries.filter(({ event }) => event === 'record_given_up')).toEqual([]);
  });

  it('hands an unfinished object to the next start', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, [notification({ key: 'slow.csv' }), notification({ key: 'done.csv' })]);
    const never = deferred<void>();
    const first = run({ topic }, (key) => (key === 'slow.csv' ? never.promise : Promise.resolve()));
    await first.keys.waitFor(() => true, { count: 2 });
    await first.mapping.stop(50);
    const second = run({ topic }, () => Promise.resolve());
    await broker.waitForCommitted(group(topic), topic, [2]);
    expect(second.keys.entries).toContain('slow.csv');
    never.resolve();
  });
});

describe('with an S3 server', () => {
  it('configures the bucket, keeps what others configured, and receives the upload', async () => {
    const { topic, bucket, endpoint, client } = await uploads();
    const configure = (id: string, rules: S3Rule[]) =>
      configureNotifications({
        endpoint,
        region: 'us-east-1',
        queueArn: 'arn:minio:sqs::flts:kafka',
        id,
        rules,
        log: silentLog,
        signal: new AbortController().signal,
      });
    await configure('other', [{ ...created, bucket, suffix: '.txt' }]);
    await configure('ours', [{ ...created, bucket }]);
    await configure('ours', [{ ...created, bucket }]);
    const present = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
    expect(present.QueueConfigurations?.map(({ Id }) => Id)).toEqual(['other', 'ours']);
    const { keys, records } = run({ topic, rules: [{ ...created, bucket }] }, () => Promise.resolve());
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a b/ü.csv', Body: 'a,b\n' }));
    await keys.waitFor((key) => key === 'a b/ü.csv');
    expect(records[0]).toMatchObject({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      awsRegion: 'us-east-1',
      s3: { bucket: { name: bucket }, object: { key: 'a+b/%C3%BC.csv', size: 4 } },
    });
  });

  it('tells puts, multipart uploads, copies and removals apart, each by its own rule', async () => {
    const { topic, bucket, endpoint, client } = await uploads();
    const rules: S3Rule[] = [
      { bucket, event: 's3:ObjectCreated:Put', prefix: 'put/', suffix: '.csv' },
      { bucket, event: 's3:ObjectCreated:CompleteMultipartUpload', prefix: '', suffix: '.csv' },
      { bucket, event: 's3:ObjectCreated:Copy', prefix: 'copies/', suffix: '' },
      { bucket, event: 's3:ObjectRemoved:*', prefix: '', suffix: '.csv' },
    ];
    const signal = new AbortController().signal;
    const queueArn = 'arn:minio:sqs::flts:kafka';
    await configureNotifications({
      endpoint,
      region: 'us-east-1',
      queueArn,
      id: 'ours',
      rules,
      log: silentLog,
      signal,
    });
    const { keys, records } = run({ topic, rules }, () => Promise.resolve());
    const at = (Key: string) => ({ Bucket: bucket, Key });
    await client.send(new PutObjectCommand({ ...at('put/a b.csv'), Body: 'abc' }));
    await client.send(new PutObjectCommand({ ...at('put/a.txt'), Body: 'abc' }));
    await client.send(new PutObjectCommand({ ...at('elsewhere.csv'), Body: 'abc' }));
    await uploadInParts(client, at('parts.csv'));
    await client.send(new CopyObjectCommand({ ...at('copies/c'), CopySource: `${bucket}/put/a.txt` }));
    await client.send(new CopyObjectCommand({ ...at('other/c.csv'), CopySource: `${bucket}/put/a.txt` }));
    await client.send(new DeleteObjectCommand(at('put/a b.csv')));
    const Delete = { Objects: [{ Key: 'parts.csv' }, { Key: 'copies/c' }] };
    await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    await keys.waitFor(() => true, { count: 5 });
    const told = records.map(({ eventName, s3: { object } }) => [eventName, object.key, object.size]);
    expect(told.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ['ObjectCreated:CompleteMultipartUpload', 'parts.csv', 5],
      ['ObjectCreated:Copy', 'copies/c', 3],
      ['ObjectCreated:Put', 'put/a+b.csv', 3],
      ['ObjectRemoved:Delete', 'parts.csv', undefined],
      ['ObjectRemoved:Delete', 'put/a+b.csv', undefined],
    ]);
    const [put, removed] = ['ObjectCreated:Put', 'ObjectRemoved:Delete'].map((name) =>
      records.find(({ eventName, s3 }) => eventName === name && s3.object.key === 'put/a+b.csv'),
    );
    expect(put!.s3.object.sequencer < removed!.s3.object.sequencer).toBe(true);
  });

  it('waits for a server that is not there yet', async () => {
    const abort = new AbortController();
    const attempts = new Journal<LogFields>();
    const configured = configureNotifications({
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      queueArn: 'arn:minio:sqs::flts:kafka',
      id: 'ours',
      rules: [created],
      log: journalLog(attempts),
      signal: abort.signal,
    });
    await attempts.waitFor(({ event }) => event === 's3_notifications_not_configured', { count: 2 });
    abort.abort();
    await expect(configured).resolves.toBeUndefined();
  });
});

async function uploads(): Promise<NotifyingBucket> {
  const made = await startNotifyingBucket(broker);
  closing.push(() => made.close());
  return made;
}

async function uploadInParts(client: S3Client, at: { Bucket: string; Key: string }): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const { ETag } = await client.send(
    new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'parts' }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
}
