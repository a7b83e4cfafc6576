import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { startS3 } from './server.ts';
import { afterTest, BUCKET, startTestServer, temporaryDirectory } from './testing/server.ts';

describe('a server', () => {
  it.each([
    ['whole', 1],
    ['in parts', 2],
  ])('knows the digests of a copy of what was stored %s', async (_how, parts) => {
    const { client } = await startTestServer();
    const bytes = randomBytes(6 * 2 ** 20);
    const partSize = parts === 1 ? 2 * bytes.length : 5 * 2 ** 20;
    await new Upload({ client, partSize, params: { Bucket: BUCKET, Key: 'a', Body: bytes } }).done();
    const copy = async (from: string, Key: string): Promise<void> => {
      const place = { Bucket: BUCKET, Key };
      await client.send(new CopyObjectCommand({ ...place, CopySource: `${BUCKET}/${from}` }));
      const found = await client.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
      const crc = Buffer.alloc(4);
      crc.writeUInt32BE(crc32(bytes));
      expect(found).toMatchObject({
        ETag: `"${createHash('md5').update(bytes).digest('hex')}"`,
        ChecksumCRC32: crc.toString('base64'),
        ChecksumType: 'FULL_OBJECT',
      });
      expect(bytes.equals((await found.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true);
    };
    await copy('a', 'b');
    await copy('b', 'c');
  });

  it('names a port that is taken', async () => {
    const first = await startTestServer();
    const call = startS3({ directory: await temporaryDirectory(), port: first.port });
    await expect(call).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(first.port)),
    });
  });

  it('refuses a directory that another server uses, and takes it once that one is closed', async () => {
    const first = await startTestServer();
    const again = (): Promise<unknown> => startTestServer({ directory: first.directory });
    await expect(again()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await first.close();
    await again();
  });

  it.each([
    // The parent of this test process lives, but began at another time than the lock says.
    ['whose process id is used again', JSON.stringify({ pid: process.ppid, started: '1' })],
    ['whose process is dead', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
    ['that cannot be read', 'not a lock'],
  ])('takes over a lock %s', async (_name, lock) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), lock);
    const { client } = await startTestServer({ directory });
    expect((await client.send(new ListBucketsCommand())).Buckets).toHaveLength(1);
  });

  it('refuses a bucket name that is none', async () => {
    const call = startS3({ directory: await temporaryDirectory(), port: 0, buckets: ['NO'] });
    await expect(call).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });

  it.each(['200', 'x', '100-continue'])('serves a request that expects %s', async (expect_) => {
    const { client } = await startTestServer();
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'expected' }));
    const writing = request(url, { method: 'PUT', headers: { expect: expect_, 'content-length': 3 } });
    writing.end('abc');
    const [response] = (await once(writing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  it('closes within a second, with idle, half-sent and half-read connections', async () => {
    const server = await startTestServer();
    const place = { Bucket: BUCKET, Key: 'large' };
    await server.client.send(new PutObjectCommand({ ...place, Body: Buffer.alloc(32 * 2 ** 20) }));
    const agent = new Agent({ keepAlive: true });
    afterTest(() => Promise.resolve(agent.destroy()));

    const reading = get(await getSignedUrl(server.client, new GetObjectCommand(place)), { agent });
    reading.on('error', () => undefined);
    await once(reading, 'response');
    const url = await getSignedUrl(server.client, new PutObjectCommand({ ...place, Key: 'half' }));
    const writing = request(url, { method: 'PUT', agent, headers: { 'content-length': 1000 } });
    writing.on('error', () => undefined);
    writing.write('half');
    const idle = connect(server.port, '127.0.0.1');
    idle.on('error', () => undefined);
    await once(idle, 'connect');

    const start = performance.now();
    await server.close();
    expect(performance.now() - start).toBeLessThan(1000);
    await server.close();
    const next = await startTestServer({ directory: server.directory });
    expect((await next.client.send(new ListBucketsCommand())).Buckets).toHaveLength(1);
  });

  it('answers errors as S3 does: an XML document, ids, the server’s time, no body to HEAD', async () => {
    const now = new Date('2026-11-24T10:00:00Z');
    const { endpoint } = await startTestServer({ now: () => now });
    const got = await fetch(`${endpoint}/dataset/a%20b?x=1`);
    const text = await got.text();
    const id = got.headers.get('x-amz-request-id');
    expect(got.headers.get('content-type')).toBe('application/xml');
    expect(got.headers.get('date')).toBe('Tue, 24 Nov 2026 10:00:00 GMT');
    expect(id).toMatch(/^[0-9A-F]{16}$/);
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>AccessDenied<\/Code><Message>.+<\/Message>/,
    );
    expect(text).toContain(`<Resource>/dataset/a%20b</Resource><RequestId>${id}</RequestId></Error>`);
    const head = await fetch(`${endpoint}/dataset/a`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([403, '']);
  });

  it('refuses a body before it is sent, where the client waits for permission', async () => {
    const server = await startTestServer();
    const url = await getSignedUrl(server.client, new PutObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    const answerTo = async (address: string): Promise<unknown[]> => {
      const put = request(address, {
        method: 'PUT',
        headers: { 'content-length': 3, expect: '100-continue' },
      });
      let asked = false;
      put.on('continue', () => {
        asked = true;
        put.end('abc');
      });
      put.flushHeaders();
      const [response] = await once(put, 'response');
      const { statusCode, headers } = response as IncomingMessage;
      put.destroy();
      return [asked, statusCode, headers.connection];
    };
    expect(await answerTo(url.replace('/k?', '/other?'))).toEqual([false, 403, 'close']);
    expect(await answerTo(url)).toEqual([true, 200, 'keep-alive']);
  });

  it('answers a path that is not percent-encoded UTF-8 with InvalidURI', async () => {
    const { endpoint } = await startTestServer();
    const got = await fetch(`${endpoint}/dataset/%ff`);
    expect([got.status, /<Code>(.*)<\/Code>/.exec(await got.text())?.[1]]).toEqual([400, 'InvalidURI']);
  });
});
