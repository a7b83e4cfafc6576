import {
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, refusal, startTestServer } from './testing/server.ts';

describe('what is not offered', () => {
  it('is refused as such, never taken for something else', async () => {
    const { client } = await startTestServer();
    const place = { Bucket: BUCKET, Key: 'x' };
    await client.send(new PutObjectCommand({ ...place, Body: 'kept' }));
    const refused = { code: 'NotImplemented', status: 501 };
    const tags = { Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } };
    expect(await refusal(client.send(new PutBucketTaggingCommand({ Bucket: BUCKET, ...tags })))).toEqual(
      refused,
    );
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
