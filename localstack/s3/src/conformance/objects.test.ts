import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTarget } from '../testing/target.ts';

describe('objects', () => {
  it('gives back the bytes, type, metadata and ETag of an object that was put', async () => {
    const { client } = await startTarget();
    const Body = 'time,value\n1,2\n';
    const put = await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'a.csv',
        Body,
        ContentType: 'text/csv',
        CacheControl: 'no-cache',
        ContentDisposition: 'attachment; filename="a.csv"',
        Metadata: { 'config-hash': 'abc' },
      }),
    );
    const md5 = createHash('md5').update(Body).digest('hex');
    expect(put.ETag).toBe(`"${md5}"`);
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a.csv' }));
    expect(await got.Body?.transformToString()).toBe(Body);
    expect(got).toMatchObject({
      ETag: `"${md5}"`,
      ContentLength: Body.length,
      ContentType: 'text/csv',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.csv"',
      Metadata: { 'config-hash': 'abc' },
    });
    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'a.csv' }));
    expect(head).toMatchObject({
      ETag: `"${md5}"`,
      ContentLength: Body.length,
      Metadata: { 'config-hash': 'abc' },
    });
  });

  it('takes a stream of unknown framing with the default checksum in a trailer', async () => {
    const { client } = await startTarget();
    const bytes = randomBytes(3 * 1024 * 1024 + 17);
    const pieces = [bytes.subarray(0, 10), bytes.subarray(10, 2_000_000), bytes.subarray(2_000_000)];
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 's',
        Body: Readable.from(pieces),
        ContentLength: bytes.length,
      }),
    );
    const got = await client.send(
      new GetObjectCommand({ Bucket: BUCKET, Key: 's', ChecksumMode: 'ENABLED' }),
    );
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    expect(got.ChecksumCRC32).toMatch(/^.{6}==$/);
    expect(got.ContentEncoding).toBeUndefined();
  });

  it('keeps an empty object', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'empty', Body: '' }));
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'empty' }));
    expect(await got.Body?.transformToString()).toBe('');
    expect(got.ContentLength).toBe(0);
  });

  it('removes an object, and answers alike when there is none', async () => {
    const { client } = await startTarget();
    const place = { Bucket: BUCKET, Key: 'gone' };
    await client.send(new PutObjectCommand({ ...place, Body: 'x' }));
    const first = await client.send(new DeleteObjectCommand(place));
    const second = await client.send(new DeleteObjectCommand(place));
    expect([first.$metadata.httpStatusCode, second.$metadata.httpStatusCode]).toEqual([204, 204]);
    expect(await refusal(client.send(new GetObjectCommand(place)))).toEqual({
      code: 'NoSuchKey',
      status: 404,
    });
    expect(await refusal(client.send(new HeadObjectCommand(place)))).toEqual({
      code: 'NotFound',
      status: 404,
    });
  });
});
