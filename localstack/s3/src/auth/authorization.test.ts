import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CREDENTIALS } from '../credentials.ts';
import { BUCKET, createClient, refusal, startTestServer } from '../testing/server.ts';

const place = { Bucket: BUCKET, Key: 'a b/ü.txt' };

async function codeOf(response: Response): Promise<{ status: number; code: string | undefined }> {
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1];
  return { status: response.status, code };
}

describe('signed requests', () => {
  it('refuses an unknown access key, a wrong secret and an unsigned request', async () => {
    const { endpoint } = await startTestServer();
    const stranger = createClient(endpoint, { credentials: { accessKeyId: 'who', secretAccessKey: 'x' } });
    const guesser = createClient(endpoint, {
      credentials: { accessKeyId: DEFAULT_CREDENTIALS.accessKeyId, secretAccessKey: 'guess' },
    });
    expect(await refusal(stranger.send(new ListBucketsCommand()))).toEqual({
      code: 'InvalidAccessKeyId',
      status: 403,
    });
    expect(await refusal(guesser.send(new ListBucketsCommand()))).toEqual({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
    expect(await codeOf(await fetch(`${endpoint}/`))).toEqual({ status: 403, code: 'AccessDenied' });
  });

  it('takes other credentials where they were configured', async () => {
    const credentials = { accessKeyId: 'own', secretAccessKey: 'own-secret' };
    const { endpoint, client } = await startTestServer({ credentials });
    expect(await refusal(client.send(new ListBucketsCommand()))).toEqual({
      code: 'InvalidAccessKeyId',
      status: 403,
    });
    const owner = createClient(endpoint, { credentials });
    expect((await owner.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([BUCKET]);
  });

  it('refuses a request from a clock that is off by more than a quarter of an hour', async () => {
    let skewMs = 16 * 60_000;
    const { endpoint } = await startTestServer({ now: () => new Date(Date.now() + skewMs) });
    const client = createClient(endpoint, { maxAttempts: 1 });
    const call = client.send(new ListBucketsCommand());
    expect(await refusal(call)).toEqual({ code: 'RequestTimeTooSkewed', status: 403 });
    skewMs = 14 * 60_000;
    await createClient(endpoint, { maxAttempts: 1 }).send(new ListBucketsCommand());
  });

  it('refuses a body that is not the one that was signed', async () => {
    const { endpoint, client } = await startTestServer();
    client.middlewareStack.add(
      (next) => (args) => {
        const { request } = args;
        if (typeof request === 'object' && request !== null && 'body' in request) request.body = 'forged';
        return next(args);
      },
      { step: 'deserialize', name: 'forge' },
    );
    const call = client.send(new PutObjectCommand({ ...place, Body: 'honest' }));
    expect(await refusal(call)).toEqual({ code: 'XAmzContentSHA256Mismatch', status: 400 });
    const reader = createClient(endpoint);
    expect(await refusal(reader.send(new GetObjectCommand(place)))).toEqual({
      code: 'NoSuchKey',
      status: 404,
    });
  });
});

describe('presigned URLs', () => {
  it('give an object, with the headers that the signer chose', async () => {
    const { client } = await startTestServer();
    await client.send(new PutObjectCommand({ ...place, Body: 'text' }));
    const chosen = {
      ResponseContentType: 'text/x-é',
      ResponseContentDisposition: 'attachment; filename="a b.txt"',
    };
    const response = await fetch(await getSignedUrl(client, new GetObjectCommand({ ...place, ...chosen })));
    expect(await response.text()).toBe('text');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a b.txt"');
    expect(Buffer.from(response.headers.get('content-type') ?? '', 'latin1').toString()).toBe('text/x-é');
  });

  it('take an object, also from a signer with default checksums', async () => {
    const { client, endpoint } = await startTestServer();
    const plain = createClient(endpoint, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    for (const signer of [client, plain]) {
      const command = new PutObjectCommand({ ...place, Metadata: { kind: 'presigned' } });
      const url = await getSignedUrl(signer, command);
      const response = await fetch(url, { method: 'PUT', body: 'uploaded' });
      expect(response.status).toBe(200);
      const got = await client.send(new GetObjectCommand(place));
      expect(await got.Body?.transformToString()).toBe('uploaded');
      expect(got.Metadata).toEqual({ kind: 'presigned' });
    }
  });

  it('are refused once tampered with', async () => {
    const { client } = await startTestServer();
    await client.send(new PutObjectCommand({ ...place, Body: 'text' }));
    const url = await getSignedUrl(client, new GetObjectCommand(place));
    const otherKey = url.replace('a%20b', 'a%20c');
    const longer = url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=9999');
    const refused = { status: 403, code: 'SignatureDoesNotMatch' };
    expect(otherKey).not.toBe(url);
    expect(longer).not.toBe(url);
    expect(await codeOf(await fetch(otherKey))).toEqual(refused);
    expect(await codeOf(await fetch(longer))).toEqual(refused);
    expect(await codeOf(await fetch(url, { method: 'PUT', body: 'x' }))).toEqual(refused);
    const extra = await fetch(url, { headers: { 'x-amz-meta-a': 'unsigned' } });
    expect(await codeOf(extra)).toEqual({ status: 403, code: 'AccessDenied' });
  });

  it('are refused once expired, and before their time', async () => {
    let offsetMs = 0;
    const { client } = await startTestServer({ now: () => new Date(Date.now() + offsetMs) });
    await client.send(new PutObjectCommand({ ...place, Body: 'text' }));
    const url = await getSignedUrl(client, new GetObjectCommand(place), { expiresIn: 60 });
    expect((await fetch(url)).status).toBe(200);
    offsetMs = 62_000;
    expect(await codeOf(await fetch(url))).toEqual({ status: 403, code: 'AccessDenied' });
    offsetMs = -16 * 60_000;
    expect(await codeOf(await fetch(url))).toEqual({ status: 403, code: 'AccessDenied' });
  });

  it('are refused as malformed where a parameter is not what it should be', async () => {
    const { client } = await startTestServer();
    const url = await getSignedUrl(client, new GetObjectCommand(place));
    const malformed = { status: 400, code: 'AuthorizationQueryParametersError' };
    for (const [from, to] of [
      [/X-Amz-Expires=\d+/, 'X-Amz-Expires=604801'],
      [/X-Amz-Date=\w+/, 'X-Amz-Date=yesterday'],
      [/X-Amz-Credential=[^&]+/, 'X-Amz-Credential=flts'],
    ] as const) {
      expect(await codeOf(await fetch(url.replace(from, to)))).toEqual(malformed);
    }
  });
});
