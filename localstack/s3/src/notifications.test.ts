import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTestServer, type TestServer } from './testing/server.ts';
import { MemoryTarget, TEST_ARN } from './testing/targets.ts';

const CREATED: QueueConfiguration = { Id: 'uploads', QueueArn: TEST_ARN, Events: ['s3:ObjectCreated:*'] };
const ALL: QueueConfiguration = { ...CREATED, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] };

async function configure(
  { client }: TestServer,
  ...QueueConfigurations: QueueConfiguration[]
): Promise<void> {
  const NotificationConfiguration = { QueueConfigurations };
  await client.send(
    new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration }),
  );
}

function put({ client }: TestServer, Key: string, Body = 'x'): Promise<{ ETag?: string | undefined }> {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

async function spooled({ directory }: TestServer): Promise<string[]> {
  return readdir(join(directory, 'spool'));
}

/** What is left undelivered; closing lets the deliveries under way end. */
async function leftInSpool(server: TestServer): Promise<string[]> {
  await server.close();
  return spooled(server);
}

describe('a notification', () => {
  it('has the shape of S3’s, in the envelope of Kafka targets', async () => {
    const target = new MemoryTarget();
    const server = await startTestServer({ targets: [target], now: () => new Date() });
    await configure(server, CREATED);
    const key = 'models/a b+c é/(model) card~1.json';
    const { ETag } = await put(server, key, '{"a":1}');
    await target.took(1);
    const [message] = target.taken;
    expect({ bucket: message?.bucket, key: message?.key }).toEqual({ bucket: BUCKET, key });
    const text: unknown = expect.any(String);
    expect(message?.body).toEqual({
      EventName: 's3:ObjectCreated:Put',
      Key: `${BUCKET}/${key}`,
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'us-east-1',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          eventName: 'ObjectCreated:Put',
          userIdentity: { principalId: 'AWS:flts' },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: { 'x-amz-request-id': text, 'x-amz-id-2': text },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: 'uploads',
            bucket: { name: BUCKET, ownerIdentity: { principalId: 'flts' }, arn: `arn:aws:s3:::${BUCKET}` },
            object: {
              key: 'models/a+b%2Bc+%C3%A9/%28model%29+card%7E1.json',
              size: 7,
              eTag: ETag?.replaceAll('"', ''),
              sequencer: expect.stringMatching(/^[0-9A-F]{16}$/),
            },
          },
        },
      ],
    });
    expect(await leftInSpool(server)).toEqual([]);
  });

  it('comes of every kind of change, in order for a key, with growing sequencers', async () => {
    const target = new MemoryTarget();
    // A clock that stands still must not make two changes equal.
    const standing = new Date();
    const server = await startTestServer({ targets: [target], now: () => standing });
    await configure(server, ALL);
    const { client } = server;
    const place = { Bucket: BUCKET, Key: 'k' };
    await put(server, 'k');
    await new Upload({ client, params: { ...place, Body: Buffer.alloc(6 * 2 ** 20) } }).done();
    await client.send(
      new CopyObjectCommand({ ...place, CopySource: `${BUCKET}/k`, MetadataDirective: 'REPLACE' }),
    );
    await client.send(new DeleteObjectCommand(place));
    await client.send(new DeleteObjectCommand(place));
    await put(server, 'k');
    await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'k' }] } }));
    await target.took(6);
    expect(target.summary).toEqual([
      'ObjectCreated:Put k',
      'ObjectCreated:CompleteMultipartUpload k',
      'ObjectCreated:Copy k',
      'ObjectRemoved:Delete k',
      'ObjectCreated:Put k',
      'ObjectRemoved:Delete k',
    ]);
    const objects = target.taken.map(({ body }) => body.Records[0].s3.object);
    const sequencers = objects.map(({ sequencer }) => sequencer);
    expect([...new Set(sequencers)].sort()).toEqual(sequencers);
    expect(Object.keys(objects[3] ?? {})).toEqual(['key', 'sequencer']);
    expect(objects[1]?.eTag).toMatch(/-2$/);
  });

  it('goes only to configurations whose events, prefix and suffix match', async () => {
    const target = new MemoryTarget();
    const server = await startTestServer({ targets: [target] });
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'in/' },
      { Name: 'suffix' as const, Value: '.csv' },
    ];
    const csv = { ...CREATED, Id: 'csv', Filter: { Key: { FilterRules } } };
    const gone: QueueConfiguration = { Id: 'gone', QueueArn: TEST_ARN, Events: ['s3:ObjectRemoved:Delete'] };
    await configure(server, csv, gone);
    for (const key of ['in/a.csv', 'in/a.json', 'out/a.csv']) await put(server, key);
    await server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'out/a.csv' }));
    await put(server, 'in/last.csv');
    await target.took(3);
    const seen = target.taken.map(({ key, body }) => `${body.Records[0].s3.configurationId} ${key}`);
    expect(seen.sort()).toEqual(['csv in/a.csv', 'csv in/last.csv', 'gone out/a.csv']);
  });

  it('does not come of a write that was refused', async () => {
    const target = new MemoryTarget();
    const server = await startTestServer({ targets: [target] });
    await configure(server, ALL);
    const refused = server.client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x', IfMatch: '"0"' }),
    );
    expect((await refusal(refused)).code).toBe('NoSuchKey');
    await put(server, 'next');
    await target.took(1);
    expect(target.summary).toEqual(['ObjectCreated:Put next']);
    expect(await leftInSpool(server)).toEqual([]);
  });
});

describe('a target that is down', () => {
  it('gets everything once it is back, in order for each key, and holds up no write', async () => {
    let up = false;
    const target = new MemoryTarget(() => up);
    const server = await startTestServer({ targets: [target] });
    await configure(server, ALL);
    for (const key of ['a', 'b', 'a']) await put(server, key);
    await server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a' }));
    await target.attempted(2);
    expect(await spooled(server)).toHaveLength(4);
    up = true;
    await target.took(4);
    const ofA = target.summary.filter((line) => line.endsWith(' a'));
    expect(ofA).toEqual(['ObjectCreated:Put a', 'ObjectCreated:Put a', 'ObjectRemoved:Delete a']);
  });

  it('that takes all but one message gets the others meanwhile', async () => {
    const target = new MemoryTarget(({ key }) => key !== 'poison');
    const server = await startTestServer({ targets: [target] });
    await configure(server, CREATED);
    for (const key of ['poison', 'a', 'b', 'c']) await put(server, key);
    await target.took(3);
    expect(target.taken.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c']);
    expect(await leftInSpool(server)).toHaveLength(1);
  });

  it('gets what it missed after a restart of the server', async () => {
    const down = new MemoryTarget(() => false);
    const first = await startTestServer({ targets: [down] });
    await configure(first, ALL);
    for (const key of ['a', 'b', 'a']) await put(first, key);
    await down.attempted(1);
    await first.close();

    const missing: string[] = [];
    const second = await startTestServer({
      directory: first.directory,
      log: ({ code }) => missing.push(code),
    });
    expect(missing).toEqual(['TARGET_MISSING']);
    await second.close();

    const target = new MemoryTarget();
    const third = await startTestServer({ directory: first.directory, targets: [target] });
    await put(third, 'a');
    await target.took(4);
    expect(target.summary.filter((line) => line.endsWith(' a'))).toHaveLength(3);
    const sequencers = target.taken
      .filter(({ key }) => key === 'a')
      .map(({ body }) => body.Records[0].s3.object.sequencer);
    expect([...sequencers].sort()).toEqual(sequencers);
  });
});

describe('a crash between a change and its notification', () => {
  /** A server that ended with the last change's notifications written, but not yet marked as due. */
  async function crashed(change: (server: TestServer) => Promise<unknown>): Promise<{ directory: string }> {
    const down = new MemoryTarget(() => false);
    const server = await startTestServer({ targets: [down] });
    await configure(server, ALL);
    await change(server);
    await server.close();
    const spool = join(server.directory, 'spool');
    const last = (await readdir(spool)).sort().at(-1) ?? '';
    await rename(join(spool, last), join(spool, last.replace('.json', '.prepared')));
    return server;
  }

  it('delivers the notification of a change that happened', async () => {
    const put1 = await crashed((server) => put(server, 'k'));
    const target = new MemoryTarget();
    await startTestServer({ directory: put1.directory, targets: [target] });
    await target.took(1);
    expect(target.summary).toEqual(['ObjectCreated:Put k']);
  });

  it('delivers the notification of a removal that happened', async () => {
    const removed = await crashed(async (server) => {
      await put(server, 'k');
      await server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    });
    const target = new MemoryTarget();
    await startTestServer({ directory: removed.directory, targets: [target] });
    await target.took(2);
    expect(target.summary).toEqual(['ObjectCreated:Put k', 'ObjectRemoved:Delete k']);
  });

  it('drops the notification of a change that did not happen', async () => {
    const { directory } = await crashed((server) => put(server, 'k'));
    const objects = join(directory, 'buckets', BUCKET, 'objects');
    const [file = ''] = await readdir(objects);
    await rename(join(objects, file), join(directory, 'tmp', file));
    const target = new MemoryTarget();
    const server = await startTestServer({ directory, targets: [target] });
    await put(server, 'other');
    await target.took(1);
    expect(target.summary).toEqual(['ObjectCreated:Put other']);
    expect(await leftInSpool(server)).toEqual([]);
  });
});

describe('a notification configuration', () => {
  it('is given back as it was put, also after a restart, and can be emptied', async () => {
    const target = new MemoryTarget();
    const first = await startTestServer({ targets: [target] });
    const filtered: QueueConfiguration = {
      ...ALL,
      Filter: { Key: { FilterRules: [{ Name: 'suffix' as const, Value: '.csv' }] } },
    };
    await configure(first, filtered);
    await first.close();
    const server = await startTestServer({ directory: first.directory, targets: [target] });
    const read = async (): Promise<QueueConfiguration[]> => {
      const got = await server.client.send(new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }));
      return got.QueueConfigurations ?? [];
    };
    expect(await read()).toEqual([filtered]);
    await configure(server);
    expect(await read()).toEqual([]);
  });

  it('is refused with an unknown target, event or filter, and keeps what was there', async () => {
    const server = await startTestServer({ targets: [new MemoryTarget()] });
    await configure(server, CREATED);
    const refused = { code: 'InvalidArgument', status: 400 };
    const badFilter = { Key: { FilterRules: [{ Name: 'middle' as unknown as 'prefix', Value: 'x' }] } };
    expect(await refusal(configure(server, { ...CREATED, QueueArn: 'arn:minio:sqs::other:kafka' }))).toEqual(
      refused,
    );
    expect(await refusal(configure(server, { ...CREATED, Events: ['s3:Replication:*'] }))).toEqual(refused);
    expect(await refusal(configure(server, { ...CREATED, Filter: badFilter }))).toEqual(refused);
    expect(await refusal(configure(server, CREATED, CREATED))).toEqual(refused);
    const got = await server.client.send(new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }));
    expect(got.QueueConfigurations).toEqual([CREATED]);
  });
});
