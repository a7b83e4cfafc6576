import { createHash } from 'node:crypto';
import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, outcome, refusal, startTarget } from '../testing/target.ts';

async function put(client: S3Client, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }))));
}

/** All pages as `key` and `prefix/*` in the order they came, page by page. */
async function pages(client: S3Client, input: Partial<ListObjectsV2CommandInput>): Promise<string[][]> {
  const listed: string[][] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: BUCKET, ...input })) {
    const keys = (page.Contents ?? []).map(({ Key }) => Key ?? '');
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`);
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    listed.push([...keys, ...prefixes]);
  }
  return listed;
}

// No key is a folder of another: MinIO keeps them as files and folders.
const KEYS = ['a!', 'a/1', 'a/2', 'a/b/3', 'b', 'c/', 'c/4', 'c0', 'd/5'];

describe('listings', () => {
  it('show size, ETag and time of each object, in the order of the keys', async () => {
    const start = Math.floor(Date.now() / 1000) * 1000;
    const { client } = await startTarget();
    await put(client, ['b', 'aé']);
    const {
      Contents = [],
      Name,
      IsTruncated,
    } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect({ Name, IsTruncated }).toEqual({ Name: BUCKET, IsTruncated: false });
    expect(Contents.map(({ Key, Size, ETag }) => ({ Key, Size, ETag }))).toEqual([
      { Key: 'aé', Size: 3, ETag: `"${createHash('md5').update('aé').digest('hex')}"` },
      { Key: 'b', Size: 1, ETag: `"${createHash('md5').update('b').digest('hex')}"` },
    ]);
    for (const { LastModified } of Contents) expect(LastModified?.getTime()).toBeGreaterThanOrEqual(start);
  });

  it('group keys by delimiter', async () => {
    const { client } = await startTarget();
    await put(client, KEYS);
    expect(await pages(client, {})).toEqual([KEYS]);
    expect(await pages(client, { Delimiter: '/' })).toEqual([['a!', 'b', 'c0', 'a/*', 'c/*', 'd/*']]);
    expect(await pages(client, { Delimiter: '/', Prefix: 'a/' })).toEqual([['a/1', 'a/2', 'a/b/*']]);
    expect(await pages(client, { Delimiter: '/', Prefix: 'c/' })).toEqual([['c/', 'c/4']]);
    expect(await pages(client, { Prefix: 'c' })).toEqual([['c/', 'c/4', 'c0']]);
    expect(await pages(client, { Prefix: 'x' })).toEqual([[]]);
  });

  it.each([1, 2, 3, 4, 100])('come complete and without repetition in pages of %i', async (MaxKeys) => {
    const { client } = await startTarget();
    await put(client, KEYS);
    const flat = await pages(client, { MaxKeys });
    expect(flat.flat()).toEqual(KEYS);
    expect(flat.every((page) => page.length <= MaxKeys)).toBe(true);
    const grouped = await pages(client, { MaxKeys, Delimiter: '/' });
    const groups = ['a!', 'a/*', 'b', 'c/*', 'c0', 'd/*'];
    // MinIO loses what comes behind a folder that is an object as well, where a page ends with it.
    const lost = MaxKeys === 1 ? groups.slice(0, 4) : groups;
    expect(grouped.flat().sort()).toEqual(differs({ standIn: groups, minio: lost }));
    expect(grouped.every((page) => page.length <= MaxKeys)).toBe(true);
  });

  it('begin after a key', async () => {
    const { client } = await startTarget();
    await put(client, KEYS);
    expect(await pages(client, { StartAfter: 'c/' })).toEqual([['c/4', 'c0', 'd/5']]);
    expect(await pages(client, { StartAfter: 'bb', MaxKeys: 2 })).toEqual([
      ['c/', 'c/4'],
      ['c0', 'd/5'],
    ]);
  });

  it('of the first version go on from a marker, also one that is a common prefix', async () => {
    const { client } = await startTarget();
    await put(client, KEYS);
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const input = {
        Bucket: BUCKET,
        Delimiter: '/',
        MaxKeys: 2,
        ...(Marker === undefined ? {} : { Marker }),
      };
      const page = await client.send(new ListObjectsCommand(input));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(seen).toEqual(['a!', 'a/*', 'b', 'c/*', 'c0', 'd/*']);
  });

  it('encode keys where asked to', async () => {
    const { client } = await startTarget();
    await put(client, ['a b+c/é&<.csv']);
    const encoded = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, EncodingType: 'url', Prefix: 'a b' }),
    );
    expect(encoded.Contents?.[0]?.Key).toBe('a+b%2Bc/%C3%A9%26%3C.csv');
    expect(encoded).toMatchObject({ Prefix: 'a+b', EncodingType: 'url' });
    const plain = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(plain.Contents?.[0]?.Key).toBe('a b+c/é&<.csv');
  });

  it('of no keys at most are empty, and nonsense is refused', async () => {
    const { client } = await startTarget();
    await put(client, ['a']);
    const none = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, MaxKeys: 0 }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false, MaxKeys: 0 });
    const list = (input: object): Promise<unknown> =>
      client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
    const refused = { code: 'InvalidArgument', status: 400 };
    expect(await refusal(list({ MaxKeys: -1 }))).toEqual(refused);
    const nonsense = await outcome(list({ ContinuationToken: 'nonsense' }));
    expect(nonsense).toEqual(differs<unknown>({ standIn: refused, minio: 'done' }));
    expect(await refusal(list({ Bucket: 'nowhere' }))).toEqual({ code: 'NoSuchBucket', status: 404 });
  });
});
