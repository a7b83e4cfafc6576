import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, refusal, startTarget } from '../testing/target.ts';

describe('buckets', () => {
  it('are made, listed and found', async () => {
    const { client } = await startTarget();
    const { Buckets = [] } = await client.send(new ListBucketsCommand());
    const made = Buckets.find(({ Name }) => Name === BUCKET);
    expect(made?.CreationDate?.getTime()).toBeLessThanOrEqual(Date.now());
    const head = await client.send(new HeadBucketCommand({ Bucket: BUCKET }));
    expect(head.BucketRegion).toBe(differs({ standIn: 'us-east-1', minio: undefined }));
    const location = await client.send(new GetBucketLocationCommand({ Bucket: BUCKET }));
    expect(location.LocationConstraint ?? '').toBe('');
  });

  it('are refused twice, with a bad name, and where they are missing', async () => {
    const { client } = await startTarget();
    const twice = client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    expect(await refusal(twice)).toEqual({ code: 'BucketAlreadyOwnedByYou', status: 409 });
    for (const Bucket of ['Upper', 'ab', 'a..b', 'a.-b', 'a-.b', '10.0.0.1', '-a-']) {
      const call = client.send(new CreateBucketCommand({ Bucket }));
      expect(await refusal(call)).toEqual({ code: 'InvalidBucketName', status: 400 });
    }
    const head = client.send(new HeadBucketCommand({ Bucket: 'nowhere' }));
    expect(await refusal(head)).toEqual({ code: 'NotFound', status: 404 });
  });

  it('are removed once they are empty', async () => {
    const { client } = await startTarget();
    const place = { Bucket: BUCKET, Key: 'x' };
    await client.send(new PutObjectCommand({ ...place, Body: 'x' }));
    const early = client.send(new DeleteBucketCommand({ Bucket: BUCKET }));
    expect(await refusal(early)).toEqual({ code: 'BucketNotEmpty', status: 409 });
    await client.send(new DeleteObjectCommand(place));
    await client.send(new DeleteBucketCommand({ Bucket: BUCKET }));
    const late = client.send(new PutObjectCommand({ ...place, Body: 'x' }));
    expect(await refusal(late)).toEqual({ code: 'NoSuchBucket', status: 404 });
  });
});
