import { Readable } from 'node:stream';
import {
  type ChecksumAlgorithm,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, createClient, differs, outcome, refusal, startTarget } from '../testing/target.ts';

const place = { Bucket: BUCKET, Key: 'checked' };
// The check value of each algorithm's specification is that of these nine digits.
const DIGITS = '123456789';
const MISMATCH = differs({ standIn: 'BadDigest', minio: 'XAmzContentChecksumMismatch' });

describe('checksums', () => {
  it.each<[ChecksumAlgorithm, string]>([
    ['CRC32', 'y/Q5Jg=='],
    ['CRC32C', '4waSgw=='],
    ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
    ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ])(
    'of %s are checked, from a buffer and a stream, and given back as sent',
    async (ChecksumAlgorithm, value) => {
      const { client } = await startTarget();
      for (const Body of [Buffer.from(DIGITS), Readable.from([Buffer.from(DIGITS)])]) {
        const input: PutObjectCommandInput = {
          ...place,
          Body,
          ChecksumAlgorithm,
          ContentLength: DIGITS.length,
        };
        const name = `Checksum${ChecksumAlgorithm}` as const;
        expect(await client.send(new PutObjectCommand(input))).toMatchObject({ [name]: value });
        const got = await client.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
        expect(got).toMatchObject({ [name]: value, ChecksumType: 'FULL_OBJECT' });
        expect(await got.Body?.transformToString()).toBe(DIGITS);
        expect(await client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }))).toMatchObject(
          { [name]: value },
        );
      }
    },
  );

  it('are not shown with a part of the object, whose checksum they are not', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: DIGITS }));
    const got = await client.send(
      new GetObjectCommand({ ...place, Range: 'bytes=2-4', ChecksumMode: 'ENABLED' }),
    );
    expect(await got.Body?.transformToString()).toBe('345');
    expect(got.ChecksumCRC32).toBeUndefined();
  });

  it.each<[string, Partial<PutObjectCommandInput>, string]>([
    ['CRC32', { ChecksumCRC32: 'AAAAAA==' }, MISMATCH],
    ['CRC32C', { ChecksumCRC32C: 'AAAAAA==' }, MISMATCH],
    ['SHA1', { ChecksumSHA1: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, MISMATCH],
    ['SHA256', { ChecksumSHA256: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, MISMATCH],
    ['Content-MD5', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['too short a Content-MD5', { ContentMD5: 'AAAA' }, 'InvalidDigest'],
    [
      'too short a CRC32',
      { ChecksumCRC32: 'AAAA' },
      differs({ standIn: 'InvalidRequest', minio: 'InvalidArgument' }),
    ],
    [
      'CRC64NVME',
      { ChecksumCRC64NVME: 'AAAAAAAAAAA=' },
      differs({ standIn: 'NotImplemented', minio: MISMATCH }),
    ],
  ])('that do not match are refused, and the old object stays: %s', async (_name, wrong, code) => {
    const { endpoint, client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: 'old' }));
    const once = createClient(endpoint, { maxAttempts: 1 });
    const call = once.send(new PutObjectCommand({ ...place, Body: DIGITS, ...wrong }));
    expect((await refusal(call)).code).toBe(code);
    const got = await client.send(new GetObjectCommand(place));
    expect(await got.Body?.transformToString()).toBe('old');
  });

  it('of a batch removal are checked', async () => {
    const { client } = await startTarget();
    await client.send(new PutObjectCommand({ ...place, Body: 'old' }));
    client.middlewareStack.add(
      (next) => (args) => {
        const { request } = args;
        if (typeof request === 'object' && request !== null && 'headers' in request) {
          Object.assign(request.headers ?? {}, { 'x-amz-checksum-crc32': 'AAAAAA==' });
        }
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'wrong-checksum' },
    );
    const call = client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: place.Key }] } }),
    );
    const refused = { code: 'BadDigest', status: 400 };
    expect(await outcome(call)).toEqual(differs<unknown>({ standIn: refused, minio: 'done' }));
  });
});
