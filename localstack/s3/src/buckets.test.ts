import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTestServer } from './testing/server.ts';

describe('buckets', () => {
  it('are made, listed and found again after a restart', async () => {
    const first = await startTestServer({ buckets: [] });
    await first.client.send(new CreateBucketCommand({ Bucket: 'processed-data' }));
    await first.client.send(new CreateBucketCommand({ Bucket: 'mlflow' }));
    await first.close();
    const { client } = await startTestServer({ directory: first.directory, buckets: ['mlflow', 'dataset'] });
    const { Buckets = [] } = await client.send(new ListBucketsCommand());
    expect(Buckets.map(({ Name }) => Name)).toEqual(['dataset', 'mlflow', 'processed-data']);
    expect(Buckets.every(({ CreationDate }) => (CreationDate?.getTime() ?? 0) <= Date.now())).toBe(true);
    const head = await client.send(new HeadBucketCommand({ Bucket: 'mlflow' }));
    expect(head.BucketRegion).toBe('us-east-1');
    const location = await client.send(new GetBucketLocationCommand({ Bucket: 'mlflow' }));
    expect(location.LocationConstraint ?? '').toBe('');
  });

  it('are refused twice, with a bad name, and where they are missing', async () => {
    const { client } = await startTestServer();
    const twice = client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    expect(await refusal(twice)).toEqual({ code: 'BucketAlreadyOwnedByYou', status: 409 });
    for (const Bucket of ['Upper', 'ab', 'a..b', '10.0.0.1', '-a-']) {
      const call = client.send(new CreateBucketCommand({ Bucket }));
      expect(await refusal(call)).toEqual({ code: 'InvalidBucketName', status: 400 });
    }
    const head = client.send(new HeadBucketCommand({ Bucket: 'nowhere' }));
    expect(await refusal(head)).toEqual({ code: 'NotFound', status: 404 });
  });

  it('are removed once they are empty', async () => {
    const { client } = await startTestServer();
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

describe('what is not offered', () => {
  it('is refused as such, never taken for something else', async () => {
    const { client } = await startTestServer();
    const place = { Bucket: BUCKET, Key: 'x' };
    await client.send(new PutObjectCommand({ ...place, Body: 'kept' }));
    const refused = { code: 'NotImplemented', status: 501 };
    const tags = { Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } };
    expect(await refusal(client.send(new PutObjectTaggingCommand({ ...place, ...tags })))).toEqual(refused);
    expect(await refusal(client.send(new GetObjectAclCommand(place)))).toEqual(refused);
    expect(await refusal(client.send(new GetBucketVersioningCommand({ Bucket: BUCKET })))).toEqual(refused);
    expect(await refusal(client.send(new GetObjectCommand({ ...place, VersionId: 'v1' })))).toEqual(refused);
    expect(
      await refusal(client.send(new PutObjectCommand({ ...place, Body: 'x', ACL: 'public-read' }))),
    ).toEqual(refused);
    const got = await client.send(new GetObjectCommand(place));
    expect(await got.Body?.transformToString()).toBe('kept');
  });
});
