import { request } from 'node:http';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, outcome, refusal, startTarget } from '../testing/target.ts';

const place = { Bucket: BUCKET, Key: 'current.json' };

async function readText(client: S3Client): Promise<{ text: string; etag: string }> {
  const got = await client.send(new GetObjectCommand(place));
  return { text: (await got.Body?.transformToString()) ?? '', etag: got.ETag ?? '' };
}

/** Reads, adds one and writes back where nobody wrote meanwhile; again until it works. */
async function increment(client: S3Client): Promise<void> {
  for (;;) {
    const { text, etag } = await readText(client);
    const Body = String(Number(text) + 1);
    try {
      await client.send(new PutObjectCommand({ ...place, Body, IfMatch: etag }));
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
    }
  }
}

describe('conditional writes', () => {
  it('lets one of twenty creators win', async () => {
    const { client } = await startTarget();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        const call = client.send(new PutObjectCommand({ ...place, Body: String(writer), IfNoneMatch: '*' }));
        return call.then(
          () => ({ writer, status: 200 }),
          async () => ({ writer, ...(await refusal(call)) }),
        );
      }),
    );
    const winners = outcomes.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 412)).toHaveLength(19);
    expect((await readText(client)).text).toBe(String(winners[0]?.writer));
  });

  it('loses none of fifty concurrent increments', { timeout: 90_000 }, async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: '0' }));
    await Promise.all(Array.from({ length: 50 }, () => increment(client)));
    expect((await readText(client)).text).toBe('50');
  });

  it('refuses If-Match with 412 on another ETag and 404 without an object, and keeps what is there', async () => {
    const { client } = await startTarget();
    const missing = client.send(new PutObjectCommand({ ...place, Body: 'x', IfMatch: '"0"' }));
    expect(await refusal(missing)).toEqual({ code: 'NoSuchKey', status: 404 });
    await client.send(new PutObjectCommand({ ...place, Body: 'first' }));
    const stale = client.send(new PutObjectCommand({ ...place, Body: 'x', IfMatch: '"0"' }));
    expect(await refusal(stale)).toEqual({ code: 'PreconditionFailed', status: 412 });
    expect((await readText(client)).text).toBe('first');
  });

  it('honours If-Match on a removal', async () => {
    const { client } = await startTarget();
    const remove = (IfMatch: string) => outcome(client.send(new DeleteObjectCommand({ ...place, IfMatch })));
    const noKey = { code: 'NoSuchKey', status: 404 };
    const stale = { code: 'PreconditionFailed', status: 412 };
    expect(await remove('*')).toEqual(differs<unknown>({ standIn: noKey, minio: 'done' }));
    const { ETag = '' } = await client.send(new PutObjectCommand({ ...place, Body: 'first' }));
    expect(await remove('"0"')).toEqual(differs<unknown>({ standIn: stale, minio: 'done' }));
    expect(await outcome(readText(client))).toEqual(differs<unknown>({ standIn: 'done', minio: noKey }));
    expect(await remove(ETag)).toBe('done');
    expect(await outcome(readText(client))).toEqual(noKey);
  });

  it('honours If-None-Match and If-Match on the completion of a multipart upload', async () => {
    const { client } = await startTarget();
    const complete = async (condition: { IfNoneMatch?: string; IfMatch?: string }): Promise<unknown> => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
      const part = { ...place, UploadId, PartNumber: 1 };
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'multipart' }));
      const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
      return client.send(
        new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload, ...condition }),
      );
    };
    expect(await refusal(complete({ IfMatch: '"0"' }))).toEqual({ code: 'NoSuchKey', status: 404 });
    const { ETag } = await client.send(new PutObjectCommand({ ...place, Body: 'first' }));
    expect(await refusal(complete({ IfNoneMatch: '*' }))).toEqual({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect(await refusal(complete({ IfMatch: '"0"' }))).toEqual({ code: 'PreconditionFailed', status: 412 });
    expect((await readText(client)).text).toBe('first');
    await complete({ IfMatch: ETag });
    expect((await readText(client)).text).toBe('multipart');
  });
});

describe('a PUT whose client is gone half-way', () => {
  it('leaves the old object', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: 'old' }));
    const url = await getSignedUrl(client, new PutObjectCommand(place));
    const size = 4 * 1024 * 1024;
    const put = request(url, { method: 'PUT', headers: { 'content-length': size } });
    put.on('error', () => {});
    await new Promise((resolve) => put.write(Buffer.alloc(size / 2, 'n'), resolve));
    const closed = new Promise((resolve) => put.once('close', resolve));
    put.destroy();
    await closed;
    expect((await readText(client)).text).toBe('old');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([[place.Key, 3]]);
  });
});
