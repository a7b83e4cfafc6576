import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, refusal, startTarget } from '../testing/target.ts';

// MinIO takes no more: what its files and folders can not be called is among the tests of restarts.
const ODD_KEYS = [
  'a',
  'b/',
  'b/c',
  'a b+c é/model card.json',
  '  leading and trailing  ',
  '.hidden',
  'quotes\'"(!)*~',
  'percent%20%2F%',
  'amp&lt<>;?#[]@=,:$^`{|}',
  'tab\tnewline\nreturn\r',
  '日本語/データ😀',
  'A',
  'CON',
  'x'.repeat(255),
];

async function keysOf(client: S3Client): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key ?? '');
}

describe('odd keys', () => {
  it('are all different objects', async () => {
    const { client } = await startTarget();
    for (const Key of ODD_KEYS)
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: `of ${Key}` }));
    for (const Key of ODD_KEYS) {
      const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect(await got.Body?.transformToString()).toBe(`of ${Key}`);
    }
    expect((await keysOf(client)).sort()).toEqual([...ODD_KEYS].sort());
  });

  it('are removed one by one and in batches', async () => {
    const { client } = await startTarget();
    const put = (Key: string): Promise<unknown> =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
    for (const Key of ODD_KEYS) await put(Key);
    for (const Key of ODD_KEYS.slice(0, 5))
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    expect((await keysOf(client)).sort()).toEqual(ODD_KEYS.slice(5).sort());
    const Objects = ODD_KEYS.map((Key) => ({ Key }));
    const { Deleted = [], Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect(Deleted.map(({ Key }) => Key)).toEqual(ODD_KEYS);
    expect(Errors).toEqual([]);
    expect(await keysOf(client)).toEqual([]);
  });

  it('of more than 1024 bytes are refused', async () => {
    const { client } = await startTarget();
    const call = client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'é'.repeat(513), Body: 'x' }));
    expect(await refusal(call)).toEqual({ code: 'KeyTooLongError', status: 400 });
  });
});

describe('a batch removal', () => {
  it('answers for each key, or only for failures where it is to be quiet', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'x' }));
    const Objects = [{ Key: 'a' }, { Key: 'none' }];
    const loud = await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    expect(loud.Errors).toBeUndefined();
    expect(loud.Deleted).toEqual(Objects);
    const quiet = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects, Quiet: true } }),
    );
    expect([quiet.Errors, quiet.Deleted]).toEqual([undefined, undefined]);
  });

  it('keeps an object whose ETag is another', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'x' }));
    const Delete = { Objects: [{ Key: 'a', ETag: '"0"' }] };
    const { Errors } = await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete }));
    const [codes, kept] = differs({ standIn: [['PreconditionFailed'], ['a']], minio: [undefined, []] });
    expect(Errors?.map(({ Code }) => Code)).toEqual(codes);
    expect(await keysOf(client)).toEqual(kept);
  });
});
