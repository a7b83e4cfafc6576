import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTestServer, type TestServer } from './testing/server.ts';

const place = { Bucket: BUCKET, Key: 'models/mp.bin' };
const MIB = 1024 * 1024;

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

async function bytesOf({ client }: TestServer): Promise<Buffer> {
  const got = await client.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
}

async function begin(
  { client }: TestServer,
  input: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...input }));
  return UploadId ?? '';
}

async function part(
  { client }: TestServer,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
): Promise<CompletedPart> {
  const sent = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body }));
  return { PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
}

function complete(
  { client }: TestServer,
  UploadId: string,
  Parts: CompletedPart[],
): Promise<{ ETag?: string | undefined }> {
  return client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
}

describe('multipart uploads', () => {
  it('by lib-storage of a stream come out whole, with headers, metadata and a composite checksum', async () => {
    const server = await startTestServer();
    const bytes = randomBytes(12 * MIB + 5);
    const upload = new Upload({
      client: server.client,
      partSize: 6 * MIB,
      params: {
        ...place,
        Body: Readable.from([bytes]),
        ContentType: 'application/x-model',
        Metadata: { kind: 'gru' },
      },
    });
    const done = await upload.done();
    const parts = [0, 6, 12].map((start) => md5(bytes.subarray(start * MIB, (start + 6) * MIB)));
    const etag = `"${md5(Buffer.concat(parts)).toString('hex')}-3"`;
    expect(done.ETag).toBe(etag);
    expect((await bytesOf(server)).equals(bytes)).toBe(true);
    const head = await server.client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ETag: etag,
      ContentLength: bytes.length,
      ContentType: 'application/x-model',
      Metadata: { kind: 'gru' },
      ChecksumType: 'COMPOSITE',
    });
    expect(head.ChecksumCRC32).toMatch(/==-3$/);
    expect(await readdir(join(server.directory, 'uploads'))).toEqual([]);
    expect(await readdir(join(server.directory, 'tmp'))).toEqual([]);
  });

  it('can carry the checksum of the whole object', async () => {
    const server = await startTestServer();
    const UploadId = await begin(server, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const bytes = randomBytes(5 * MIB + 3);
    const parts = [
      await part(server, UploadId, 1, bytes.subarray(0, 5 * MIB)),
      await part(server, UploadId, 2, bytes.subarray(5 * MIB)),
    ];
    const wrong = server.client.send(
      new CompleteMultipartUploadCommand({
        ...place,
        UploadId,
        MultipartUpload: { Parts: parts },
        ChecksumCRC32: 'AAAAAA==',
      }),
    );
    expect(await refusal(wrong)).toEqual({ code: 'BadDigest', status: 400 });
    await complete(server, UploadId, parts);
    // The SDK compares the whole object's checksum as it reads.
    expect((await bytesOf(server)).equals(bytes)).toBe(true);
    const head = await server.client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumType).toBe('FULL_OBJECT');
  });

  it('survive a restart, show their parts, and take a part again', async () => {
    const first = await startTestServer();
    const UploadId = await begin(first);
    await part(first, UploadId, 2, Buffer.from('old end'));
    await first.close();
    const server = await startTestServer({ directory: first.directory });
    const start = randomBytes(5 * MIB);
    const parts = [
      await part(server, UploadId, 1, start),
      await part(server, UploadId, 2, Buffer.from('end')),
    ];
    const listed = await server.client.send(new ListPartsCommand({ ...place, UploadId }));
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, start.length],
      [2, 3],
    ]);
    const paged = await server.client.send(new ListPartsCommand({ ...place, UploadId, MaxParts: 1 }));
    expect(paged).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1' });
    await complete(server, UploadId, parts);
    expect((await bytesOf(server)).equals(Buffer.concat([start, Buffer.from('end')]))).toBe(true);
  });

  it('answer a repeated completion as the first', async () => {
    const server = await startTestServer();
    const UploadId = await begin(server);
    const parts = [await part(server, UploadId, 1, Buffer.from('x'))];
    const first = await complete(server, UploadId, parts);
    expect((await complete(server, UploadId, parts)).ETag).toBe(first.ETag);
    await server.client.send(new PutObjectCommand({ ...place, Body: 'newer' }));
    expect(await refusal(complete(server, UploadId, parts))).toEqual({ code: 'NoSuchUpload', status: 404 });
    expect((await bytesOf(server)).toString()).toBe('newer');
  });

  it('are refused with parts that are wrong, missing, out of order or too small, and stay open', async () => {
    const server = await startTestServer();
    const UploadId = await begin(server);
    const one = await part(server, UploadId, 1, Buffer.from('one'));
    const two = await part(server, UploadId, 2, Buffer.from('two'));
    const codeOf = async (parts: CompletedPart[]): Promise<string> =>
      (await refusal(complete(server, UploadId, parts))).code;
    expect(await codeOf([{ ...one, ETag: '"0"' }])).toBe('InvalidPart');
    expect(await codeOf([one, { ...two, PartNumber: 3 }])).toBe('InvalidPart');
    expect(await codeOf([{ ...one, ChecksumCRC32: two.ChecksumCRC32 }])).toBe('InvalidPart');
    expect(await codeOf([two, one])).toBe('InvalidPartOrder');
    expect(await codeOf([one, two])).toBe('EntityTooSmall');
    expect(await codeOf([])).toBe('MalformedXML');
    await complete(server, UploadId, [two]);
    expect((await bytesOf(server)).toString()).toBe('two');
  });

  it('are gone once aborted', async () => {
    const server = await startTestServer();
    const UploadId = await begin(server);
    const one = await part(server, UploadId, 1, Buffer.from('one'));
    await server.client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    const gone = { code: 'NoSuchUpload', status: 404 };
    expect(await refusal(part(server, UploadId, 2, Buffer.from('two')))).toEqual(gone);
    expect(await refusal(complete(server, UploadId, [one]))).toEqual(gone);
    expect(
      await refusal(server.client.send(new AbortMultipartUploadCommand({ ...place, UploadId }))),
    ).toEqual(gone);
    expect(await readdir(join(server.directory, 'uploads'))).toEqual([]);
  });
});
