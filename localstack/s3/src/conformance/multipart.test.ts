import { createHash, randomBytes } from 'node:crypto';
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
import { BUCKET, differs, outcome, refusal, startTarget, type Target } from '../testing/target.ts';

const place = { Bucket: BUCKET, Key: 'models/mp.bin' };
const MIB = 1024 * 1024;

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

async function bytesOf({ client }: Target): Promise<Buffer> {
  const got = await client.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
}

async function begin(
  { client }: Target,
  input: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...input }));
  return UploadId ?? '';
}

async function part(
  { client }: Target,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
): Promise<CompletedPart> {
  const sent = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body }));
  return { PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
}

function complete(
  { client }: Target,
  UploadId: string,
  Parts: CompletedPart[],
): Promise<{ ETag?: string | undefined }> {
  return client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
}

describe('multipart uploads', () => {
  it('by lib-storage of a stream come out whole, with headers, metadata and a composite checksum', async () => {
    const server = await startTarget();
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
  });

  it('can carry the checksum of the whole object', async () => {
    const server = await startTarget();
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
    const code = differs({ standIn: 'BadDigest', minio: 'InvalidArgument' });
    expect(await refusal(wrong)).toEqual({ code, status: 400 });
    await complete(server, UploadId, parts);
    // The SDK compares the whole object's checksum as it reads.
    expect((await bytesOf(server)).equals(bytes)).toBe(true);
    const head = await server.client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumType).toBe('FULL_OBJECT');
  });

  it('show their parts, and take a part again', async () => {
    const server = await startTarget();
    const UploadId = await begin(server);
    await part(server, UploadId, 2, Buffer.from('old end'));
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
    const server = await startTarget();
    const UploadId = await begin(server);
    const parts = [await part(server, UploadId, 1, Buffer.from('x'))];
    const first = await complete(server, UploadId, parts);
    const gone = { code: 'NoSuchUpload', status: 404 };
    const again = await complete(server, UploadId, parts).catch(() => gone);
    expect(again).toMatchObject(differs<object>({ standIn: { ETag: first.ETag }, minio: gone }));
    await server.client.send(new PutObjectCommand({ ...place, Body: 'newer' }));
    expect(await refusal(complete(server, UploadId, parts))).toEqual(gone);
    expect((await bytesOf(server)).toString()).toBe('newer');
  });

  it('are refused with parts that are wrong, missing, out of order or too small, and stay open', async () => {
    const server = await startTarget();
    const UploadId = await begin(server);
    const one = await part(server, UploadId, 1, Buffer.from('one'));
    const two = await part(server, UploadId, 2, Buffer.from('two'));
    const codeOf = async (parts: CompletedPart[]): Promise<string> =>
      (await refusal(complete(server, UploadId, parts))).code;
    expect(await codeOf([{ ...one, ETag: '"0"' }])).toBe('InvalidPart');
    expect(await codeOf([one, { ...two, PartNumber: 3 }])).toBe('InvalidPart');
    expect(await codeOf([two, one])).toBe('InvalidPartOrder');
    expect(await codeOf([one, two])).toBe('EntityTooSmall');
    expect(await codeOf([])).toBe(differs({ standIn: 'MalformedXML', minio: 'InvalidRequest' }));
    await complete(server, UploadId, [two]);
    expect((await bytesOf(server)).toString()).toBe('two');
  });

  it('compare the checksum of a part', async () => {
    const server = await startTarget();
    const UploadId = await begin(server);
    const one = await part(server, UploadId, 1, Buffer.from('one'));
    const wrong = outcome(complete(server, UploadId, [{ ...one, ChecksumCRC32: 'AAAAAA==' }]));
    const refused = { code: 'InvalidPart', status: 400 };
    expect(await wrong).toEqual(differs<unknown>({ standIn: refused, minio: 'done' }));
  });

  it('are gone once aborted', async () => {
    const server = await startTarget();
    const UploadId = await begin(server);
    const one = await part(server, UploadId, 1, Buffer.from('one'));
    await server.client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    const gone = { code: 'NoSuchUpload', status: 404 };
    expect(await refusal(part(server, UploadId, 2, Buffer.from('two')))).toEqual(gone);
    expect(await refusal(complete(server, UploadId, [one]))).toEqual(gone);
    const again = server.client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    expect(await outcome(again)).toEqual(differs<unknown>({ standIn: gone, minio: 'done' }));
  });
});
