import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { rawHttp } from '../../../test/support/raw-http.ts';
import { BUCKET, startTestServer } from './testing/server.ts';

describe('a request of a foreign page', () => {
  it.each([
    { host: 'evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3001' },
  ])('is refused, though it is signed: %j', async (headers) => {
    const { client, port } = await startTestServer();
    const url = new URL(await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'a' })));
    const path = `${url.pathname}${url.search}`;
    const refused = await rawHttp(port, { method: 'PUT', path, headers, body: 'x' });
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringMatching(/<Code>AccessDenied<\/Code><Message>expected (?:a Host|no Origin)/u),
    ]);
    expect((await rawHttp(port, { method: 'OPTIONS', path, headers })).status).toBe(403);
    expect((await rawHttp(port, { method: 'PUT', path, body: 'x' })).status).toBe(200);
  });
});
