import { randomBytes } from 'node:crypto';
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTarget } from '../testing/target.ts';

const place = { Bucket: BUCKET, Key: 'read' };

describe('reads', () => {
  it('give ranges, also from the end', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: '0123456789' }));
    const read = async (Range: string): Promise<unknown[]> => {
      const got = await client.send(new GetObjectCommand({ ...place, Range }));
      return [
        got.$metadata.httpStatusCode,
        await got.Body?.transformToString(),
        got.ContentRange,
        got.ContentLength,
      ];
    };
    expect(await read('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10', 3]);
    expect(await read('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10', 3]);
    expect(await read('bytes=8-')).toEqual([206, '89', 'bytes 8-9/10', 2]);
    expect(await refusal(read('bytes=10-'))).toEqual({ code: 'InvalidRange', status: 416 });
  });

  it('give a range of a large object', async () => {
    const { client } = await startTarget();
    const bytes = randomBytes(2_000_000);
    await client.send(new PutObjectCommand({ ...place, Body: bytes }));
    const got = await client.send(new GetObjectCommand({ ...place, Range: 'bytes=300001-1700000' }));
    const read = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(read.equals(bytes.subarray(300_001, 1_700_001))).toBe(true);
  });

  it('honour conditions', async () => {
    const { client } = await startTarget();
    const { ETag } = await client.send(new PutObjectCommand({ ...place, Body: 'x' }));
    const hour = 3_600_000;
    const before = new Date(Date.now() - hour);
    const after = new Date(Date.now() + hour);
    const statusOf = async (condition: object): Promise<number | undefined> => {
      const call = client.send(new GetObjectCommand({ ...place, ...condition }));
      return call.then(
        (got) => got.$metadata.httpStatusCode,
        async () => (await refusal(call)).status,
      );
    };
    expect(await statusOf({ IfMatch: ETag })).toBe(200);
    expect(await statusOf({ IfMatch: '"other"' })).toBe(412);
    expect(await statusOf({ IfNoneMatch: ETag })).toBe(304);
    expect(await statusOf({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await statusOf({ IfModifiedSince: after })).toBe(304);
    expect(await statusOf({ IfModifiedSince: before })).toBe(200);
    expect(await statusOf({ IfUnmodifiedSince: before })).toBe(412);
    const head = client.send(new HeadObjectCommand({ ...place, IfMatch: '"other"' }));
    expect((await refusal(head)).status).toBe(412);
  });

  it('never see a part of an object that is being overwritten', async () => {
    const { client } = await startTarget();
    const size = 1_500_000;
    const version = (letter: string): string => letter.repeat(size);
    await client.send(new PutObjectCommand({ ...place, Body: version('a') }));
    let writing = true;
    const write = async (): Promise<void> => {
      for (const letter of 'bcdefghijk')
        await client.send(new PutObjectCommand({ ...place, Body: version(letter) }));
      writing = false;
    };
    const read = async (): Promise<Set<string>> => {
      const seen = new Set<string>();
      while (writing) {
        const got = await client.send(new GetObjectCommand(place));
        const text = (await got.Body?.transformToString()) ?? '';
        expect(text).toBe(version(text[0] ?? ''));
        seen.add(`${text[0]} ${got.ETag}`);
      }
      return seen;
    };
    const [, ...seen] = await Promise.all([write(), read(), read()]);
    expect(Math.max(...seen.map(({ size: versions }) => versions))).toBeGreaterThan(1);
  });

  it('of a removed bucket or key are refused', async () => {
    const { client } = await startTarget();
    const elsewhere = { Bucket: 'nowhere', Key: 'x' };
    expect(await refusal(client.send(new GetObjectCommand(elsewhere)))).toEqual({
      code: 'NoSuchBucket',
      status: 404,
    });
    expect(await refusal(client.send(new GetObjectCommand(place)))).toEqual({
      code: 'NoSuchKey',
      status: 404,
    });
  });
});

describe('copies', () => {
  it('carry bytes and metadata to another key, or new metadata', async () => {
    const { client } = await startTarget();
    await client.send(
      new PutObjectCommand({
        ...place,
        Key: 'a b+é',
        Body: 'text',
        ContentType: 'text/csv',
        Metadata: { a: '1' },
      }),
    );
    const CopySource = `${BUCKET}/${encodeURIComponent('a b+é')}`;
    const copied = await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource }));
    const first = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'copy' }));
    expect(await first.Body?.transformToString()).toBe('text');
    expect(first).toMatchObject({
      ContentType: 'text/csv',
      Metadata: { a: '1' },
      ETag: copied.CopyObjectResult?.ETag,
    });
    const replace = {
      MetadataDirective: 'REPLACE',
      Metadata: { b: '2' },
      ContentType: 'text/plain',
    } as const;
    await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource, ...replace }));
    const second = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy' }));
    expect(second).toMatchObject({ ContentType: 'text/plain', Metadata: { b: '2' } });
  });

  it('are refused from nothing, onto themselves, and where the source changed', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: 'text' }));
    const copy = (input: object): Promise<unknown> =>
      client.send(
        new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/read`, ...input }),
      );
    expect(await refusal(copy({ CopySource: `${BUCKET}/none` }))).toEqual({ code: 'NoSuchKey', status: 404 });
    expect(await refusal(copy({ Key: 'read' }))).toEqual({ code: 'InvalidRequest', status: 400 });
    expect(await refusal(copy({ CopySourceIfMatch: '"0"' }))).toEqual({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect(await refusal(copy({ CopySource: 'nonsense' }))).toEqual({ code: 'InvalidArgument', status: 400 });
  });
});
