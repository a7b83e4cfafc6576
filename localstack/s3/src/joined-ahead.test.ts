import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { crc32 } from 'node:zlib';
import { afterTest, BUCKET, refusal, startTestServer, type TestServer } from './testing/server.ts';

const place = { Bucket: BUCKET, Key: 'large.bin' };
const LEAST = 5 * 2 ** 20;

async function begin({ client }: TestServer): Promise<string> {
  const command = new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'CRC32' });
  return (await client.send(command)).UploadId ?? '';
}

async function part(
  { client }: TestServer,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
): Promise<CompletedPart> {
  const input = { ...place, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' } as const;
  const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(input));
  return { PartNumber, ETag, ChecksumCRC32 };
}

const complete = ({ client }: TestServer, UploadId: string, Parts: CompletedPart[], IfNoneMatch?: string) =>
  client.send(
    new CompleteMultipartUploadCommand({
      ...place,
      UploadId,
      MultipartUpload: { Parts },
      IfNoneMatch,
    }),
  );

async function bytesOf({ client }: TestServer, Key = place.Key): Promise<Buffer> {
  const got = await client.send(new GetObjectCommand({ ...place, Key }));
  return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
}

/** Resolves once parts of so many bytes are joined. */
async function joined({ directory }: TestServer, bytes: number): Promise<void> {
  const temporary = join(directory, 'tmp');
  const watcher = watch(temporary);
  afterTest(() => Promise.resolve(watcher.close()));
  for (;;) {
    const changed = once(watcher, 'change');
    const sizes = (await readdir(temporary)).map(async (name) => (await stat(join(temporary, name))).size);
    const settled = await Promise.allSettled(sizes);
    if (settled.some((each) => each.status === 'fulfilled' && each.value === bytes)) return;
    await changed;
  }
}

const leftAside = ({ directory }: TestServer): Promise<string[]> => readdir(join(directory, 'tmp'));
const equal = (left: Buffer, right: Buffer): boolean => left.equals(right);

describe('parts that are joined while they come', () => {
  it('are the object once they are all there, in the order of their numbers', async () => {
    const server = await startTestServer();
    const bytes = randomBytes(3 * LEAST + 1000);
    const upload = await begin(server);
    const sent = (number: number) =>
      part(server, upload, number, bytes.subarray((number - 1) * LEAST, number * LEAST));
    const [third, first] = [await sent(3), await sent(1)];
    await joined(server, LEAST);
    const second = await sent(2);
    await joined(server, 3 * LEAST);
    const last = await sent(4);
    await complete(server, upload, [first, second, third, last]);

    expect(equal(await bytesOf(server), bytes)).toBe(true);
    expect(await leftAside(server)).toEqual([]);
  });

  it('are joined anew where one was uploaded anew, or not all are asked for', async () => {
    const server = await startTestServer();
    const [old, bytes, more] = [randomBytes(LEAST), randomBytes(LEAST), randomBytes(LEAST)];
    const upload = await begin(server);
    await part(server, upload, 1, old);
    const second = await part(server, upload, 2, more);
    await joined(server, 2 * LEAST);
    const first = await part(server, upload, 1, bytes);
    await complete(server, upload, [first, second]);
    expect(equal(await bytesOf(server), Buffer.concat([bytes, more]))).toBe(true);

    const other = await begin(server);
    const parts = [await part(server, other, 1, old), await part(server, other, 2, more)];
    await joined(server, 2 * LEAST);
    await complete(server, other, parts.slice(0, 1));
    expect(equal(await bytesOf(server), old)).toBe(true);
    expect(await leftAside(server)).toEqual([]);
  });

  it('are there for another completion where one was refused', async () => {
    const server = await startTestServer();
    await server.client.send(new PutObjectCommand({ ...place, Body: 'old' }));
    const bytes = randomBytes(LEAST + 7);
    const upload = await begin(server);
    const parts = [
      await part(server, upload, 1, bytes.subarray(0, LEAST)),
      await part(server, upload, 2, bytes.subarray(LEAST)),
    ];
    expect((await refusal(complete(server, upload, parts, '*'))).status).toBe(412);
    await complete(server, upload, parts);
    expect(equal(await bytesOf(server), bytes)).toBe(true);
  });

  it('have the digests of one piece for a copy', async () => {
    const server = await startTestServer();
    const bytes = randomBytes(LEAST + 7);
    const upload = await begin(server);
    const parts = [
      await part(server, upload, 1, bytes.subarray(0, LEAST)),
      await part(server, upload, 2, bytes.subarray(LEAST)),
    ];
    await complete(server, upload, parts);
    const copy = new CopyObjectCommand({ ...place, Key: 'copy.bin', CopySource: `${BUCKET}/${place.Key}` });
    const { CopyObjectResult: result } = await server.client.send(copy);

    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    expect(result).toMatchObject({
      ETag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      ChecksumCRC32: checksum.toString('base64'),
    });
    expect(equal(await bytesOf(server, 'copy.bin'), bytes)).toBe(true);
  });

  it('leave nothing where their upload is aborted, or the server closes', async () => {
    const server = await startTestServer();
    const aborted = await begin(server);
    await part(server, aborted, 1, randomBytes(LEAST));
    await joined(server, LEAST);
    await server.client.send(new AbortMultipartUploadCommand({ ...place, UploadId: aborted }));
    expect(await leftAside(server)).toEqual([]);

    await part(server, await begin(server), 1, randomBytes(LEAST));
    await joined(server, LEAST);
    await server.close();
    expect(await leftAside(server)).toEqual([]);
  });
});
