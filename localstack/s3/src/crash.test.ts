import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { watch } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { DEFAULT_KAFKA_ARN } from './notifications/kafka-target.ts';
import { runCli, startChildServer } from './testing/child.ts';
import { afterTest, BUCKET, createClient, startTestServer, temporaryDirectory } from './testing/server.ts';
import { MemoryTarget } from './testing/targets.ts';

const place = { Bucket: BUCKET, Key: 'current.json' };
// Nothing listens there.
const DEAD_BROKER = ['--kafka-brokers', '127.0.0.1:1', '--kafka-topic', 'model-events'];

async function read(client: S3Client): Promise<{ text: string; etag: string }> {
  const got = await client.send(new GetObjectCommand(place));
  return { text: (await got.Body?.transformToString()) ?? '', etag: (got.ETag ?? '').replaceAll('"', '') };
}

/** Resolves once a file in the directory has that many bytes. */
async function fileGrew(directory: string, bytes: number): Promise<void> {
  const watcher = watch(directory);
  afterTest(() => Promise.resolve(watcher.close()));
  for (;;) {
    const changed = once(watcher, 'change');
    for (const name of await readdir(directory)) {
      const { size } = await stat(join(directory, name));
      if (size >= bytes) return;
    }
    await changed;
  }
}

/** Resolves at the nth thing that happens to a file of the server: made, written, renamed, removed. */
async function nthFileEvent(directory: string, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let seen = 0;
    for (const folder of ['tmp', 'spool', `buckets/${BUCKET}/objects`]) {
      const watcher = watch(join(directory, folder), () => {
        seen += 1;
        if (seen === count) resolve();
      });
      afterTest(() => Promise.resolve(watcher.close()));
    }
  });
}

describe('SIGKILL', () => {
  it('in the middle of a PUT leaves the old object and no trace of the new one', async () => {
    const directory = await temporaryDirectory();
    const child = await startChildServer(directory);
    const client = createClient(child.endpoint);
    await client.send(new PutObjectCommand({ ...place, Body: 'old' }));
    const url = await getSignedUrl(client, new PutObjectCommand(place));
    const upload = request(url, { method: 'PUT', headers: { 'content-length': 8 * 2 ** 20 } });
    upload.on('error', () => undefined);
    upload.write(Buffer.alloc(6 * 2 ** 20, 'n'));
    await fileGrew(join(directory, 'tmp'), 2 ** 20);
    await child.kill();
    expect(await readdir(join(directory, 'tmp'))).toHaveLength(1);

    const server = await startTestServer({ directory });
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect((await read(server.client)).text).toBe('old');
  });

  it('at any step of an overwrite leaves one whole version and loses no notification', async () => {
    const directory = await temporaryDirectory();
    const acknowledged: string[] = [];
    for (const step of [1, 2, 3, 4, 5, 6, 8, 10, 14]) {
      const child = await startChildServer(directory, DEAD_BROKER);
      const client = createClient(child.endpoint, { maxAttempts: 1 });
      const QueueConfigurations = [{ QueueArn: DEFAULT_KAFKA_ARN, Events: ['s3:ObjectCreated:*' as const] }];
      const NotificationConfiguration = { QueueConfigurations };
      await client.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration }),
      );
      const write = async (version: string): Promise<void> => {
        const { ETag = '' } = await client.send(
          new PutObjectCommand({ ...place, Body: `${version} `.repeat(20_000) }),
        );
        acknowledged.push(ETag.replaceAll('"', ''));
      };
      await write(`${step}-first`);
      const due = nthFileEvent(directory, step);
      const racing = Promise.allSettled([write(`${step}-second`), write(`${step}-third`)]);
      await Promise.race([due, racing]);
      await child.kill();
      await racing;

      const server = await startTestServer({ directory });
      const { text, etag } = await read(server.client);
      expect(createHash('md5').update(text).digest('hex')).toBe(etag);
      expect(text).toMatch(new RegExp(`^(${step}-(first|second|third) )\\1{19999}$`));
      await server.close();
    }
    const target = new MemoryTarget(undefined, DEFAULT_KAFKA_ARN);
    const server = await startTestServer({ directory, targets: [target] });
    const { etag } = await read(server.client);
    await target.until(() => target.taken.at(-1)?.body.Records[0].s3.object.eTag === etag);
    const delivered = new Set(target.taken.map(({ body }) => body.Records[0].s3.object.eTag));
    expect(acknowledged.filter((acknowledgedEtag) => !delivered.has(acknowledgedEtag))).toEqual([]);
  });

  it('at any step of tagging leaves the object whole, with the old tags or the new ones', async () => {
    const directory = await temporaryDirectory();
    const text = 'time,value\n'.repeat(100_000);
    for (const step of [1, 2, 3, 4, 5, 6]) {
      const child = await startChildServer(directory);
      const client = createClient(child.endpoint, { maxAttempts: 1 });
      await client.send(new PutObjectCommand({ ...place, Body: text, Tagging: `step=${step}` }));
      const due = nthFileEvent(directory, step);
      const TagSet = [{ Key: 'step', Value: `${step}-new` }];
      const tagging = client.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet } }));
      const answered = tagging.then(
        () => true,
        () => false,
      );
      await Promise.race([due, answered]);
      await child.kill();

      const server = await startTestServer({ directory });
      expect((await read(server.client)).text).toBe(text);
      const tags = (await server.client.send(new GetObjectTaggingCommand(place))).TagSet;
      const possible = (await answered) ? [`${step}-new`] : [`${step}`, `${step}-new`];
      expect(possible.map((Value) => [{ Key: 'step', Value }])).toContainEqual(tags);
      await server.close();
    }
  });

  it('leaves a lock that the next server takes over, while a living one keeps its own', async () => {
    const directory = await temporaryDirectory();
    const child = await startChildServer(directory);
    await expect(startTestServer({ directory })).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await child.kill();
    await (await startTestServer({ directory })).close();
  });
});

describe('the command line', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('prints one ready line and ends with 0 on %s', async (signal) => {
    const directory = await temporaryDirectory();
    const child = await startChildServer(directory);
    expect(child.readyLine).toBe(`flts-s3 ready at ${child.endpoint}, objects in ${directory}`);
    await createClient(child.endpoint).send(new PutObjectCommand({ ...place, Body: 'x' }));
    expect(await child.stop(signal)).toBe(0);
  });

  it('says what is wrong with its options and ends with 1', async () => {
    const directory = await temporaryDirectory();
    const { port } = await startTestServer();
    const at = ['--dir', directory];
    const { code, stderr } = await runCli([...at, '--port', String(port)]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`port ${port} on 127.0.0.1`)]);
    expect(await runCli([...at, '--port', 'http'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--port'),
    });
    expect(await runCli([...at, '--kafka-topic', 't'])).toMatchObject({ code: 1 });
    expect(await runCli([...at, '--nonsense'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--nonsense'),
    });
    expect(await runCli(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--bucket') });
  });
});
