import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, differs, outcome, refusal, startTarget } from '../testing/target.ts';

const MIB = 1024 * 1024;
const source = { Bucket: BUCKET, Key: 'a source/mine+1.bin' };
const CopySource = `${BUCKET}/${encodeURIComponent(source.Key)}`;
const place = { Bucket: BUCKET, Key: 'joined.bin' };

async function begin(
  client: S3Client,
  input: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...input }));
  return UploadId ?? '';
}

const copyPart = (client: S3Client, UploadId: string, input: object) =>
  client.send(new UploadPartCopyCommand({ ...place, UploadId, CopySource, PartNumber: 1, ...input }));

describe('a part copied from an object', () => {
  it('is its bytes, or a range of them, beside parts that were sent', async () => {
    const { client } = await startTarget();
    const bytes = randomBytes(5 * MIB + 10);
    await client.send(new PutObjectCommand({ ...source, Body: bytes }));
    const UploadId = await begin(client);
    const whole = await copyPart(client, UploadId, { PartNumber: 1 });
    const ranged = await copyPart(client, UploadId, {
      PartNumber: 2,
      CopySourceRange: `bytes=7-${5 * MIB + 8}`,
    });
    const sent = await client.send(
      new UploadPartCommand({ ...place, UploadId, PartNumber: 3, Body: 'the end' }),
    );
    const md5 = (part: Uint8Array): string => createHash('md5').update(part).digest('hex');
    expect(whole.CopyPartResult?.ETag).toBe(`"${md5(bytes)}"`);
    expect(ranged.CopyPartResult?.ETag).toBe(`"${md5(bytes.subarray(7, 5 * MIB + 9))}"`);
    expect(whole.CopyPartResult?.LastModified?.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
    const Parts = [whole.CopyPartResult?.ETag, ranged.CopyPartResult?.ETag, sent.ETag].map((ETag, index) => ({
      ETag,
      PartNumber: index + 1,
    }));
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
    const got = await client.send(new GetObjectCommand(place));
    const expected = Buffer.concat([bytes, bytes.subarray(7, 5 * MIB + 9), Buffer.from('the end')]);
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(expected)).toBe(true);
  });

  it('carries the checksum that the upload asked for', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...source, Body: 'abc' }));
    const UploadId = await begin(client, { ChecksumAlgorithm: 'SHA256' });
    const copied = copyPart(client, UploadId, {});
    const refused = { code: 'InvalidArgument', status: 400 };
    const expected = differs<unknown>({ standIn: 'done', minio: refused });
    expect(await outcome(copied)).toEqual(expected);
    if (expected !== 'done') return;
    const { CopyPartResult } = await copied;
    const sha256 = createHash('sha256').update('abc').digest('base64');
    expect(CopyPartResult?.ChecksumSHA256).toBe(sha256);
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag, ChecksumSHA256: sha256 }];
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
    const head = await client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumSHA256).toMatch(/-1$/u);
  });

  it('is refused of a source that is missing, of another ETag or too short, and without its upload', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...source, Body: '0123456789' }));
    const UploadId = await begin(client);
    const refused = (input: object) => refusal(copyPart(client, UploadId, input));
    const invalid = { code: 'InvalidArgument', status: 400 };
    expect(await refused({ CopySource: `${BUCKET}/nothing` })).toEqual({ code: 'NoSuchKey', status: 404 });
    expect(await refused({ CopySourceIfMatch: '"0"' })).toEqual({ code: 'PreconditionFailed', status: 412 });
    expect(await refused({ CopySourceRange: 'bytes=0-10' })).toEqual(invalid);
    expect(await refused({ CopySourceRange: 'bytes=4-2' })).toEqual(invalid);
    expect(await refused({ CopySourceRange: 'bytes=4-' })).toEqual(invalid);
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
    expect(await refused({})).toEqual({ code: 'NoSuchUpload', status: 404 });
  });
});

describe('uploads in progress', () => {
  it('of a key are listed, oldest first, until they are completed or aborted', async () => {
    const { client } = await startTarget();
    const Key = 'listed.bin';
    const list = async (): Promise<(string | undefined)[]> => {
      const listed = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key }));
      expect(listed).toMatchObject({ Bucket: BUCKET, Prefix: Key, IsTruncated: false });
      return (listed.Uploads ?? []).map((upload) => `${upload.Key} ${upload.UploadId}`);
    };
    expect(await list()).toEqual([]);
    const [first, second] = [await begin(client, { Key }), await begin(client, { Key })];
    expect(await list()).toEqual([`${Key} ${first}`, `${Key} ${second}`]);
    await client.send(new AbortMultipartUploadCommand({ ...place, Key, UploadId: first }));
    expect(await list()).toEqual([`${Key} ${second}`]);
  });
});
