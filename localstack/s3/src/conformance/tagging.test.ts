import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, outcome, refusal, startTarget } from '../testing/target.ts';

const place = { Bucket: BUCKET, Key: 'series/mine.csv' };
const INVALID_TAG = { code: 'InvalidTag', status: 400 };
const NO_KEY = { code: 'NoSuchKey', status: 404 };

/** In the order of their keys: that of the answer is not said. */
async function tagsOf(client: S3Client, Key = place.Key): Promise<string[][]> {
  const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key }));
  const tags = TagSet.map(({ Key: key = '', Value: value = '' }) => [key, value]);
  return tags.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

const tag = (client: S3Client, TagSet: Tag[], Key = place.Key) =>
  client.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging: { TagSet } }));

const put = (client: S3Client, Tagging?: string) =>
  client.send(new PutObjectCommand({ ...place, Body: 'a,b\n1,2\n', Tagging, Metadata: { kind: 'csv' } }));

const manyTags = (count: number): Tag[] =>
  Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: `v${index}` }));

describe('tags', () => {
  it('of a PUT are given back, counted on a read, and gone with the object that overwrites it', async () => {
    const { client } = await startTarget();
    await put(client, 'stage=raw&city=New+York&sign=a%2Bb%3D%2F&bare=&no-value');
    expect(await tagsOf(client)).toEqual([
      ['bare', ''],
      ['city', 'New York'],
      ['no-value', ''],
      ['sign', 'a+b=/'],
      ['stage', 'raw'],
    ]);
    expect((await client.send(new GetObjectCommand(place))).TagCount).toBe(5);
    expect((await client.send(new HeadObjectCommand(place))).TagCount).toBe(5);
    await put(client);
    expect(await tagsOf(client)).toEqual([]);
    expect((await client.send(new HeadObjectCommand(place))).TagCount).toBe(undefined);
  });

  it('are set, replaced and removed on an object, whose bytes, ETag, time and metadata stay', async () => {
    const { client } = await startTarget();
    await put(client, 'stage=raw');
    const before = await client.send(new HeadObjectCommand(place));
    await tag(client, [
      { Key: 'owner', Value: 'Zoe @ co' },
      { Key: '10', Value: 'ten' },
    ]);
    expect(await tagsOf(client)).toEqual([
      ['10', 'ten'],
      ['owner', 'Zoe @ co'],
    ]);
    const got = await client.send(new GetObjectCommand(place));
    expect(await got.Body?.transformToString()).toBe('a,b\n1,2\n');
    const { ETag, LastModified, Metadata, ContentLength } = before;
    expect(got).toMatchObject({ ETag, LastModified, Metadata, ContentLength, TagCount: 2 });
    const removed = await client.send(new DeleteObjectTaggingCommand(place));
    expect(removed.$metadata.httpStatusCode).toBe(204);
    expect(await tagsOf(client)).toEqual([]);
    await tag(client, []);
    expect(await tagsOf(client)).toEqual([]);
  });

  it('take ten, with keys of 128 and values of 256 characters', async () => {
    const { client } = await startTarget();
    await put(client);
    await tag(client, [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }]);
    expect(await tagsOf(client)).toEqual([['k'.repeat(128), 'v'.repeat(256)]]);
    const wide = outcome(tag(client, [{ Key: 'ü'.repeat(128), Value: '日'.repeat(256) }]));
    expect(await wide).toEqual(differs<unknown>({ standIn: 'done', minio: INVALID_TAG }));
    await tag(client, manyTags(10));
    expect(await tagsOf(client)).toEqual(manyTags(10).map(({ Key, Value }) => [Key, Value]));
  });

  it.each<[string, Tag[], { code: string; status: number }]>([
    ['eleven', manyTags(11), { code: 'BadRequest', status: 400 }],
    ['one key twice', [...manyTags(1), ...manyTags(1)], INVALID_TAG],
    ['a key of 129 characters', [{ Key: 'k'.repeat(129), Value: 'v' }], INVALID_TAG],
    ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }], INVALID_TAG],
    ['an empty key', [{ Key: '', Value: 'v' }], INVALID_TAG],
    ['a character that is none of S3’s', [{ Key: 'k', Value: 'a&b' }], INVALID_TAG],
  ])('are refused, and the old ones stay: %s', async (_name, tags, refused) => {
    const { client } = await startTarget();
    await put(client, 'stage=raw');
    expect(await refusal(tag(client, tags))).toEqual(refused);
    expect(await tagsOf(client)).toEqual([['stage', 'raw']]);
  });

  it.each([
    ['one key twice', 'a=1&a=2', differs({ standIn: 'InvalidArgument', minio: 'InvalidTag' })],
    ['bytes that are no UTF-8', 'a=%ff', differs({ standIn: 'InvalidArgument', minio: 'InvalidTag' })],
    ['an empty key', '=v', 'InvalidTag'],
    ['a key of 129 characters', `${'k'.repeat(129)}=v`, 'InvalidTag'],
    [
      'eleven',
      manyTags(11)
        .map(({ Key }) => `${Key}=v`)
        .join('&'),
      'BadRequest',
    ],
  ])('in the header are refused before the object is written: %s', async (_name, header, code) => {
    const { client } = await startTarget();
    expect(await refusal(put(client, header))).toEqual({ code, status: 400 });
    expect(await refusal(client.send(new GetObjectTaggingCommand(place)))).toEqual(NO_KEY);
  });

  it('keep the names that AWS gives to itself', async () => {
    const { client } = await startTarget();
    await put(client);
    const reserved = outcome(tag(client, [{ Key: 'aws:stage', Value: 'raw' }]));
    expect(await reserved).toEqual(differs<unknown>({ standIn: INVALID_TAG, minio: 'done' }));
  });

  it('of an object that is not there are refused', async () => {
    const { client } = await startTarget();
    expect(await refusal(tag(client, manyTags(1)))).toEqual(NO_KEY);
    expect(await refusal(client.send(new GetObjectTaggingCommand(place)))).toEqual(NO_KEY);
    expect(await refusal(client.send(new DeleteObjectTaggingCommand(place)))).toEqual(NO_KEY);
    const nowhere = client.send(new GetObjectTaggingCommand({ Bucket: 'nowhere', Key: 'x' }));
    expect(await refusal(nowhere)).toEqual({ code: 'NoSuchBucket', status: 404 });
  });
});

describe('tags of a copy', () => {
  const copy = (client: S3Client, input: object) =>
    client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/${place.Key}`, ...input }),
    );

  it('are those of its source, or of the request where that says so', async () => {
    const { client } = await startTarget();
    await put(client, 'stage=raw');
    await copy(client, {});
    expect(await tagsOf(client, 'copy')).toEqual([['stage', 'raw']]);
    await copy(client, { TaggingDirective: 'REPLACE', Tagging: 'stage=clean' });
    expect(await tagsOf(client, 'copy')).toEqual([['stage', 'clean']]);
    await copy(client, { TaggingDirective: 'REPLACE' });
    expect(await tagsOf(client, 'copy')).toEqual([]);
    await copy(client, { MetadataDirective: 'REPLACE', Metadata: { kind: 'copied' } });
    expect(await tagsOf(client, 'copy')).toEqual([['stage', 'raw']]);
    expect(await tagsOf(client)).toEqual([['stage', 'raw']]);
  });

  it('follow a directive of two words only', async () => {
    const { client } = await startTarget();
    await put(client, 'stage=raw');
    const refused = { code: 'InvalidArgument', status: 400 };
    expect(await outcome(copy(client, { TaggingDirective: 'MERGE' }))).toEqual(refused);
  });
});

describe('tags of a multipart upload', () => {
  it('are told where it begins and seen once it is completed', async () => {
    const { client } = await startTarget();
    const begun = new CreateMultipartUploadCommand({ ...place, Tagging: 'stage=raw&part=all' });
    const { UploadId } = await client.send(begun);
    const one = { ...place, UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...one, Body: 'part' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    expect(await tagsOf(client)).toEqual([
      ['part', 'all'],
      ['stage', 'raw'],
    ]);
    const nameless = new CreateMultipartUploadCommand({ ...place, Tagging: '=v' });
    expect(await refusal(client.send(nameless))).toEqual(INVALID_TAG);
  });

  it('of lib-storage come with its upload', async () => {
    const { client } = await startTarget();
    const params = { ...place, Body: randomBytes(6 * 2 ** 20), Tagging: 'stage=raw' };
    await new Upload({ client, params }).done();
    expect(await tagsOf(client)).toEqual([['stage', 'raw']]);
  });
});
