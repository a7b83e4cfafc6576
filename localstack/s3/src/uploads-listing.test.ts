import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startTestServer } from './testing/server.ts';

const KEYS = ['a', 'b/1', 'b/2', 'b/2', 'c/ü 1', 'd'];

/** Uploads and common prefixes of all pages, `key` or `prefix/`, in order. */
async function listed(client: S3Client, input: object): Promise<string[]> {
  const seen: string[] = [];
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: BUCKET, ...input, ...markers, EncodingType: 'url' }),
    );
    for (const { Key = '' } of page.Uploads ?? []) seen.push(decodeURIComponent(Key.replaceAll('+', ' ')));
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) seen.push(Prefix);
    if (page.IsTruncated !== true) return seen;
    markers = {
      KeyMarker: decodeURIComponent((page.NextKeyMarker ?? '').replaceAll('+', ' ')),
      UploadIdMarker: page.NextUploadIdMarker,
    };
  }
}

describe('the list of uploads in progress', () => {
  it.each([1, 2, 3, 1000])('comes complete and without repetition in pages of %i', async (MaxUploads) => {
    const { client } = await startTestServer();
    const ids = await Promise.all(
      KEYS.map(async (Key) => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
        return { Key, UploadId };
      }),
    );
    expect(await listed(client, { MaxUploads })).toEqual(KEYS);
    expect(await listed(client, { MaxUploads, Prefix: 'b/' })).toEqual(['b/1', 'b/2', 'b/2']);
    const folders = await listed(client, { MaxUploads, Delimiter: '/' });
    expect(folders.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['a', 'b/', 'c/', 'd']);
    for (const { Key, UploadId } of ids)
      await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));
    expect(await listed(client, { MaxUploads })).toEqual([]);
  });
});
