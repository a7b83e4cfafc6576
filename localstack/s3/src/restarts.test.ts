import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startTestServer } from './testing/server.ts';

const place = { Bucket: BUCKET, Key: 'models/mp.bin' };

describe('a restart', () => {
  it('finds its buckets again, and makes those it is told to', async () => {
    const first = await startTestServer({ buckets: [] });
    await first.client.send(new CreateBucketCommand({ Bucket: 'processed-data' }));
    await first.client.send(new CreateBucketCommand({ Bucket: 'mlflow' }));
    await first.close();
    const { client } = await startTestServer({ directory: first.directory, buckets: ['mlflow', 'dataset'] });
    const { Buckets = [] } = await client.send(new ListBucketsCommand());
    expect(Buckets.map(({ Name }) => Name)).toEqual(['dataset', 'mlflow', 'processed-data']);
  });

  it('finds objects whose keys no file system would take', async () => {
    const keys = ['a', 'a/', 'a/b', 'a/b/', 'a//b', 'a\\b', 'A', '.', './a', 'a/../b', 'x'.repeat(1024)];
    const first = await startTestServer();
    for (const Key of keys)
      await first.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: `of ${Key}` }));
    await first.close();
    const { client } = await startTestServer({ directory: first.directory });
    for (const Key of keys) {
      const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect(await got.Body?.transformToString()).toBe(`of ${Key}`);
    }
  });

  it('finds tags again, those of an upload in progress too', async () => {
    const tagged = { Bucket: BUCKET, Key: 'tagged' };
    const first = await startTestServer();
    await first.client.send(new PutObjectCommand({ ...tagged, Body: 'x', Tagging: 'stage=raw' }));
    const TagSet = [
      { Key: '10', Value: 'ten' },
      { Key: '2', Value: 'two' },
    ];
    await first.client.send(new PutObjectTaggingCommand({ ...tagged, Tagging: { TagSet } }));
    const begun = new CreateMultipartUploadCommand({ ...place, Tagging: 'stage=raw' });
    const { UploadId } = await first.client.send(begun);
    await first.close();
    const { client } = await startTestServer({ directory: first.directory });
    expect((await client.send(new GetObjectTaggingCommand(tagged))).TagSet).toEqual(TagSet);
    const { ETag } = await client.send(
      new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'part' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    const completed = await client.send(new GetObjectTaggingCommand(place));
    expect(completed.TagSet).toEqual([{ Key: 'stage', Value: 'raw' }]);
  });

  it('goes on with a multipart upload', async () => {
    const first = await startTestServer();
    const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(place));
    const part = { ...place, UploadId, PartNumber: 1 };
    const { ETag } = await first.client.send(new UploadPartCommand({ ...part, Body: 'part' }));
    await first.close();
    const { client } = await startTestServer({ directory: first.directory });
    const { Parts } = await client.send(new ListPartsCommand({ ...place, UploadId }));
    expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([[1, 4]]);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    const got = await client.send(new GetObjectCommand(place));
    expect(await got.Body?.transformToString()).toBe('part');
  });
});

describe('a multipart upload', () => {
  it.each(['completed', 'aborted'])('leaves no file behind once it is %s', async (end) => {
    const { client, directory } = await startTestServer();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
    const part = { ...place, UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'part' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    if (end === 'aborted') await client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    else await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    expect(await readdir(join(directory, 'uploads'))).toEqual([]);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });
});
