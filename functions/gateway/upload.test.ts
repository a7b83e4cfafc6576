import { describe, expect, it } from 'vitest';
import { ADMIN } from '../shared/testing/access.ts';
import { UPLOAD_LIMIT } from './limits.ts';
import { createGateway, multipart } from './testing/requests.ts';

const csv = 'time,load\n2024-01-01T00:00Z,1\n';
const raw = { body: Buffer.from(csv), headers: { 'content-type': 'application/octet-stream' } };

describe('an upload', () => {
  it.each(['POST', 'PUT'])('stores a raw body as it is, and says where to watch: %s', async (method) => {
    const { upload, storage, log } = createGateway();
    const bytes = Buffer.from([0, 255, 128, 10]);
    const answer = await upload('dataset', 'load.csv', { method, ...raw, body: bytes });
    const stored = await storage.get('dataset', 'load.csv');
    expect(Buffer.from(stored?.body ?? [])).toEqual(bytes);
    expect(stored?.contentType).toBe('text/csv');
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        status: 'SUCCESS',
        bucket: 'dataset',
        key: 'load.csv',
        etag: stored?.etag,
        size: 4,
        identifier: 'load',
        status_url: '/status/load',
      },
    ]);
    expect(log.lines).toMatchObject([
      { event: 'object_uploaded', bucket: 'dataset', key: 'load.csv', size: 4 },
    ]);
  });

  it.each([
    ['application/x-www-form-urlencoded', 'text/csv'],
    ['', 'text/csv'],
    ['text/tab-separated-values; charset=utf-8', 'text/tab-separated-values; charset=utf-8'],
  ])('of type %j is stored as %s, where nobody said more than the name', async (type, kept) => {
    const { upload, storage, stored } = createGateway();
    await upload('dataset', 'load.csv', { body: csv, headers: { 'Content-Type': type } });
    expect([
      (await storage.get('dataset', 'load.csv'))?.contentType,
      await stored('dataset', 'load.csv'),
    ]).toEqual([kept, csv]);
  });

  it.each(['upload', 'upload-url'])(
    'of a name too long for what is made of it is refused: %s',
    async (resource) => {
      const { ask, object, storage } = createGateway();
      for (const name of ['車'.repeat(300), 'x'.repeat(501)]) {
        const fields = object(resource, 'dataset', `${name}.csv`);
        const answer = await ask({ method: 'POST', ...fields, ...raw });
        expect([answer.status, answer.json()]).toMatchObject([
          400,
          {
            error: {
              code: 'request_invalid',
              message: expect.stringContaining('at most 865 bytes and 500 letters'),
            },
          },
        ]);
      }
      expect(storage.keys()).toEqual([]);
    },
  );

  it('takes the file of a multipart form, and its type', async () => {
    const { upload, storage, stored } = createGateway();
    const form = multipart(
      { name: 'note', content: 'mine' },
      { name: 'file', content: csv, filename: 'any name.csv', type: 'text/csv' },
    );
    const answer = await upload('dataset', 'load.csv', form);
    expect([answer.status, await stored('dataset', 'load.csv')]).toEqual([200, csv]);
    expect((await storage.get('dataset', 'load.csv'))?.contentType).toBe('text/csv');
  });

  it.each([
    'Messreihe 1+2 (größer).csv',
    'ordner/データ 100%.csv',
    'emoji 🚀.csv',
    '.csv.csv',
    'a&b=c;d.csv',
  ])('keeps the key %j as it was meant', async (key) => {
    const { upload, download, stored } = createGateway();
    const answer = await upload('dataset', key, raw);
    expect(answer.json()).toMatchObject({ key, identifier: key.slice(0, -4) });
    expect(answer.json()['status_url']).toBe(`/status/${encodeURIComponent(key.slice(0, -4))}`);
    expect(await stored('dataset', key)).toBe(csv);
    expect((await download('dataset', key)).bytes.toString()).toBe(csv);
  });

  it('outside of dataset sets nothing off, nor does what is no data', async () => {
    const { upload } = createGateway();
    for (const [bucket, key] of [
      ['processed-data', 'load.csv'],
      ['dataset', 'notes.txt'],
    ] as const) {
      const headers = { ...raw.headers, ...ADMIN };
      const answer = await upload(bucket, key, { ...raw, headers });
      expect([answer.status, answer.json()]).toEqual([
        200,
        expect.not.objectContaining({ status_url: expect.anything() }),
      ]);
    }
    expect((await upload('dataset', 'load_test.csv', raw)).json()).toMatchObject({ identifier: 'load' });
    expect((await upload('dataset', 'load.config.json', raw)).json()).toMatchObject({ identifier: 'load' });
  });
});

describe('an upload is refused', () => {
  it.each([
    ['a/../b.csv', '".."'],
    ['..', '".."'],
    ['../processed-data/x.csv', '".."'],
    ['', 'no key'],
    ['ü'.repeat(513), '1026 bytes'],
  ])('with the key %j', async (key, got) => {
    const { upload, storage } = createGateway();
    const answer = await upload('dataset', key, { ...raw, path: '/upload/dataset/x' });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      status: 'ERROR',
      error: { name: 'FltsError', code: 'request_invalid', message: expect.stringContaining(`got ${got}`) },
      req_id: answer.headers['x-request-id'],
    });
    expect(storage.keys()).toEqual([]);
  });

  it.each([
    'global.csv',
    'global.csv.gz',
    'global.CSV',
    'global.parquet',
    'global_test.csv',
    'global.config.json',
  ])('with the key %s, whose identifier stands for the newest promotion of all', async (key) => {
    const { upload, ask, object, storage } = createGateway();
    const answers = [
      await upload('dataset', key, raw),
      await ask({ method: 'POST', ...object('upload-url', 'dataset', key) }),
    ];
    for (const answer of answers)
      expect([answer.status, answer.json()]).toMatchObject([
        400,
        { error: { code: 'request_invalid', message: expect.stringContaining('identifier than global') } },
      ]);
    expect(storage.keys()).toEqual([]);
    for (const other of ['global-1.csv', 'Global.csv', 'global.txt'])
      expect((await upload('dataset', other, raw)).status).toBe(200);
  });

  it('with a key that ends in a slash, which its route does not see', async () => {
    const { ask, object } = createGateway();
    const fields = { ...object('upload', 'dataset', 'folder'), path: '/upload/dataset/folder/' };
    expect(await ask({ method: 'PUT', ...fields, ...raw })).toMatchObject({ status: 400 });
  });

  it.each(['datasets', 'Dataset', '', 'constructor'])(
    'with the bucket %j, and names those there are',
    async (bucket) => {
      const { upload } = createGateway();
      const answer = await upload(bucket, 'load.csv', raw);
      expect([answer.status, answer.json()]).toMatchObject([
        404,
        {
          error: {
            code: 'bucket_unknown',
            message: `expected a bucket among dataset, processed-data, mlflow, model-promotion, inference-logs, got "${bucket}"`,
          },
        },
      ]);
    },
  );

  it('with more bytes than HTTP carries, and says what does', async () => {
    const { upload, storage } = createGateway();
    const body = Buffer.alloc(UPLOAD_LIMIT + 1);
    const answer = await upload('dataset', 'große daten/a.csv', { ...raw, body });
    expect([answer.status, answer.json()]).toMatchObject([
      413,
      {
        error: {
          code: 'body_too_large',
          message: expect.stringContaining('POST /upload-url/dataset/gro%C3%9Fe%20daten/a.csv'),
        },
      },
    ]);
    expect(storage.keys()).toEqual([]);
    expect((await upload('dataset', 'a.csv', { ...raw, body: body.subarray(1) })).status).toBe(200);
  });

  it('as a form without its file, and says what it has', async () => {
    const { upload } = createGateway();
    const named = multipart(
      { name: 'data', content: csv, filename: 'a.csv' },
      { name: 'note', content: 'x' },
    );
    expect((await upload('dataset', 'a.csv', named)).json()).toMatchObject({
      error: { code: 'request_invalid', message: expect.stringContaining('got the field(s) data, note') },
    });
    expect((await upload('dataset', 'a.csv', multipart())).json()).toMatchObject({
      error: { message: expect.stringContaining('got no field') },
    });
  });

  it('as a form that is cut off, in the file or before it, or has no boundary', async () => {
    const { upload, storage } = createGateway();
    const { headers = {}, body } = multipart({ name: 'file', content: csv, filename: 'a.csv' });
    const whole = Buffer.from(body ?? '');
    for (const cut of [whole.length - 20, whole.length - 60, 40, 0]) {
      const answer = await upload('dataset', 'a.csv', { headers, body: whole.subarray(0, cut) });
      expect([cut, answer.status, answer.json()['error']]).toMatchObject([
        cut,
        400,
        { code: 'request_invalid' },
      ]);
    }
    const without = await upload('dataset', 'a.csv', {
      headers: { 'content-type': 'multipart/form-data' },
      body: whole,
    });
    expect(without.status).toBe(400);
    expect(storage.keys()).toEqual([]);
  });

  it('where bytes were read as text on their way and did not arrive whole', async () => {
    const { upload, storage } = createGateway();
    const headers = { 'content-type': 'text/csv', 'content-length': '5' };
    const answer = await upload('dataset', 'a.csv', { headers, body: 'a\uFFFDb' });
    expect(storage.keys()).toEqual(['dataset/a.csv']);
    expect(answer.status).toBe(200);
    const damaged = { headers: { ...headers, 'content-length': '3' }, body: 'a\uFFFDb' };
    expect((await upload('dataset', 'b.csv', damaged)).json()).toMatchObject({
      error: { code: 'request_invalid', message: expect.stringContaining('application/octet-stream') },
    });
    expect(storage.keys()).toEqual(['dataset/a.csv']);
  });
});

describe('the URL for a large upload', () => {
  it('is presigned, for this object and for an hour', async () => {
    const { ask, object } = createGateway();
    const answer = await ask({ method: 'POST', ...object('upload-url', 'dataset', 'große 1+2.csv') });
    expect([answer.status, answer.headers['cache-control'], answer.json()]).toEqual([
      200,
      'no-store',
      {
        status: 'SUCCESS',
        bucket: 'dataset',
        key: 'große 1+2.csv',
        url: 'memory://dataset/große 1+2.csv?method=PUT&expires=3600',
        method: 'PUT',
        expires_in_s: 3600,
        identifier: 'große 1+2',
        status_url: `/status/${encodeURIComponent('große 1+2')}`,
      },
    ]);
  });

  it('is given for no other bucket, and for no key with ".."', async () => {
    const { ask, object } = createGateway();
    expect((await ask({ method: 'POST', ...object('upload-url', 'secrets', 'a.csv') })).status).toBe(404);
    expect((await ask({ method: 'POST', ...object('upload-url', 'dataset', 'a/../b.csv') })).status).toBe(
      400,
    );
  });
});
