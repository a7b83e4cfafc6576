import { describe, expect, it } from 'vitest';
import { DOWNLOAD_LIMIT } from './limits.ts';
import { createGateway } from './testing/requests.ts';

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

async function withObject() {
  const gateway = createGateway();
  const put = await gateway.storage.put('mlflow', '1/run/weights.bin', BYTES, {
    contentType: 'application/x-weights',
  });
  const etag = put.written ? put.etag : '';
  const get = (headers: Readonly<Record<string, string>> = {}) =>
    gateway.download('mlflow', '1/run/weights.bin', headers);
  return { ...gateway, etag, get };
}

describe('a download', () => {
  it('gives the bytes as they are, with ETag and type', async () => {
    const { get, etag } = await withObject();
    const { status, bytes, headers } = await get();
    expect([status, bytes]).toEqual([200, BYTES]);
    expect(headers).toMatchObject({
      etag,
      'content-type': 'application/x-weights',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(['page.html', 'picture.svg', 'page.xhtml', 'no-ending'])(
    'of %s, stored as HTML, is kept by a browser, and runs nothing there',
    async (key) => {
      const { upload, download } = createGateway();
      const page = { body: '<script>alert(1)</script>', headers: { 'content-type': 'text/html' } };
      await upload('dataset', key, page);
      for (const range of [undefined, 'bytes=0-7']) {
        const { headers } = await download('dataset', key, range === undefined ? {} : { range });
        expect(headers).toMatchObject({
          'content-type': 'text/html',
          'content-disposition': 'attachment',
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        });
      }
    },
  );

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=250-', 250, 256],
    ['bytes=-6', 250, 256],
    ['bytes=250-999', 250, 256],
    ['bytes=-999', 0, 256],
    ['bytes=255-255', 255, 256],
  ])('of %s gives that part, and says which', async (range, start, end) => {
    const { get, etag } = await withObject();
    const { status, bytes, headers } = await get({ Range: range });
    expect([status, bytes]).toEqual([206, BYTES.subarray(start, end)]);
    expect(headers).toMatchObject({
      etag,
      'content-range': `bytes ${start}-${end - 1}/256`,
      'content-encoding': 'identity',
    });
  });

  it.each(['bytes=256-', 'bytes=-0'])(
    'of %s, which lies outside, says how long the object is',
    async (range) => {
      const { get } = await withObject();
      const answer = await get({ range });
      expect([answer.status, answer.headers['content-range'], answer.json()]).toMatchObject([
        416,
        'bytes */256',
        { status: 'ERROR', error: { code: 'request_invalid', message: expect.stringContaining(range) } },
      ]);
    },
  );

  it.each(['items=0-1', 'bytes=5-2', 'bytes=0-1,5-6', 'bytes=-', 'bytes=a-b'])(
    'passes over the range %s and gives all',
    async (range) => {
      const { get } = await withObject();
      expect(await get({ range })).toMatchObject({ status: 200, bytes: BYTES });
    },
  );

  it('of what the client has already is 304 without a body', async () => {
    const { get, etag } = await withObject();
    for (const header of [etag, `"other", W/${etag}`, '*']) {
      const { status, bytes, headers } = await get({ 'If-None-Match': header });
      expect([status, bytes.length, headers['etag']]).toEqual([304, 0, etag]);
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('goes on where it stopped only with the same object', async () => {
    const { get, etag } = await withObject();
    expect((await get({ range: 'bytes=9-', 'if-range': etag })).status).toBe(206);
    expect(await get({ range: 'bytes=9-', 'if-range': '"other"' })).toMatchObject({
      status: 200,
      bytes: BYTES,
    });
  });

  it('of more than HTTP carries goes to a presigned URL', async () => {
    const { storage, download } = createGateway();
    await storage.put('dataset', 'große.csv', Buffer.alloc(DOWNLOAD_LIMIT + 1));
    const answer = await download('dataset', 'große.csv', { range: 'bytes=0-1' });
    const url = 'memory://dataset/große.csv?method=GET&expires=3600';
    expect(answer.status).toBe(307);
    expect(answer.headers).toMatchObject({ location: url, 'cache-control': 'no-store' });
    expect(answer.json()).toEqual({
      status: 'REDIRECT',
      bucket: 'dataset',
      key: 'große.csv',
      url,
      expires_in_s: 3600,
    });
    await storage.put('dataset', 'große.csv', Buffer.alloc(DOWNLOAD_LIMIT));
    expect((await download('dataset', 'große.csv')).bytes.length).toBe(DOWNLOAD_LIMIT);
  });

  it('of nothing at all names the object', async () => {
    const { download } = createGateway();
    const answer = await download('dataset', 'a b.csv');
    expect([answer.status, answer.json()]).toMatchObject([
      404,
      { error: { code: 'object_not_found', message: 'expected an object at dataset/a b.csv, got none' } },
    ]);
  });

  it('from no other bucket, and of no key with ".."', async () => {
    const { download } = createGateway();
    expect((await download('etc', 'passwd')).status).toBe(404);
    expect((await download('dataset', '../etc/passwd')).status).toBe(400);
  });

  it('of an empty object is empty', async () => {
    const { storage, download } = createGateway();
    await storage.put('dataset', 'empty.csv', '');
    expect(await download('dataset', 'empty.csv')).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
    expect((await download('dataset', 'empty.csv', { range: 'bytes=0-' })).status).toBe(416);
  });
});

describe('a route that is none', () => {
  it('is answered with those there are', async () => {
    const { ask } = createGateway();
    const answer = await ask({
      method: 'DELETE',
      resource: '/upload/{bucket}/{key+}',
      path: '/upload/dataset/a',
    });
    expect([answer.status, answer.json()]).toMatchObject([
      404,
      {
        error: {
          code: 'route_unknown',
          message: expect.stringMatching(/GET \/status\/\{identifier\}.*got DELETE \/upload\/dataset\/a$/u),
        },
      },
    ]);
  });
});
