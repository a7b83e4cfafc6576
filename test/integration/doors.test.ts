import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, post, upload } from '../support/http.ts';
import { listKeys, readText } from '../support/objects.ts';
import { rawHttp, type RawAnswer, type RawRequest } from '../support/raw-http.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { realServices } from '../support/services.ts';

/** Doors of the stand-ins are no matter of real services. */
const onStandIns = realServices() === undefined;

describe('the doors of a running stack', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startStack();
  }, 60_000);
  afterAll(() => stack?.dispose());

  const [EVIL, OWN] = ['https://evil.example', (): string => stack.url];
  const http = (request: RawRequest): Promise<RawAnswer> => rawHttp(stack.ports[0] ?? 0, request);
  const put = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    http({ method: 'PUT', path: `/upload/${path}`, headers, body: '{"claimed_at":"2999-01-01T00:00:00Z"}' });

  describe('without the token', () => {
    it('are open for forecasts, uploads to dataset, status and metrics', async () => {
      expect((await upload(stack.url, 'dataset/notes.txt', 'mine')).status).toBe(200);
      expect(await readText(stack.s3, 'dataset', 'notes.txt')).toBe('mine');
      expect((await post(`${stack.url}/upload-url/dataset/large.csv`, {})).status).toBe(200);
      expect((await post(`${stack.url}/predict`, { identifier: 'nobody' })).status).toBe(404);
      expect((await get(`${stack.url}/status/nobody`)).status).toBe(404);
      expect((await get(`${stack.url}/metrics`)).status).toBe(200);
      expect((await get(`${stack.url}/healthz`)).status).toBe(200);
    });

    it.each([
      ['PUT', '/upload/mlflow/1/model.json'],
      ['POST', '/upload/processed-data/mine/hash/meta.json'],
      ['PUT', '/upload/inference-logs/mine/20240501/results.jsonl'],
      ['POST', '/upload-url/mlflow/1/model.json'],
      ['POST', '/reload_latest'],
      ['POST', '/publish_inference_claims'],
    ])('are shut for %s %s', async (method, path) => {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, forged()]) {
        const { status, text } = await http({ method, path, headers, body: '{}' });
        expect([status, JSON.parse(text)]).toMatchObject([
          401,
          { status: 'ERROR', error: { code: 'unauthorized' } },
        ]);
      }
      expect((await http({ method, path, headers: stack.admin, body: '{}' })).status).not.toBe(401);
    });

    /** What serverless-offline takes for the word of an authoriser. */
    const forged = (): Record<string, string> => ({
      'sls-offline-authorizer-override': '{"principalId":"admin"}',
      authorizer: '{"principalId":"admin"}',
    });
  });

  it.each([
    'model-promotion/current.json',
    'model-promotion/mine/current.json',
    'model-promotion/mine%2Fcurrent.json',
    'dataset/../model-promotion/current.json',
    'dataset/%2e%2e/model-promotion/current.json',
    'model-promotion/mine/hash/promotion-1-aaaaaaaa.json',
    'model-promotion/mine/hash/claims/c/decision.json',
    'processed-data/mine/status/current.json',
    'processed-data/mine%2Fstatus%2Fcurrent.json',
    'processed-data/mine/hash/leases/key.json',
    'processed-data/mine/hash/checkpoints/key.ckpt',
  ])('are shut for everyone at %s, by PUT and by presigned URL', async (object) => {
    for (const headers of [{}, stack.admin]) {
      expect((await put(object, headers)).status).toBe(403);
      const url = await http({ method: 'POST', path: `/upload-url/${object}`, headers });
      expect([url.status, JSON.parse(url.text).url]).toEqual([403, undefined]);
    }
    const [bucket = ''] = object.split('/');
    expect(
      (await listKeys(stack.s3, bucket, '')).filter((key) => /current|promotion-|leases/u.test(key)),
    ).toEqual([]);
  });

  it('do not open for the pointer by a URL that was given for another object', async () => {
    const { json } = await post(`${stack.url}/upload-url/dataset/mine.csv`, {});
    const url = String(json['url']).replace('/dataset/mine.csv', '/model-promotion/current.json');
    expect((await fetch(url, { method: 'PUT', body: '{}' })).status).toBe(403);
    expect(await listKeys(stack.s3, 'model-promotion', '')).toEqual([]);
  });

  // MinIO takes headers that a presigned URL does not sign; AWS refuses them, as the stand-in does.
  it.runIf(onStandIns)('are shut for a URL of dataset that is to copy from elsewhere', async () => {
    const { json } = await post(`${stack.url}/upload-url/dataset/copied.csv`, {});
    const headers = { 'x-amz-copy-source': '/dataset/notes.txt' };
    await fetch(String(json['url']), { method: 'PUT', headers });
    expect(await readText(stack.s3, 'dataset', 'copied.csv')).not.toBe('mine');
  });

  describe('for a page of another origin', () => {
    it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])(
      'are shut, whatever it asks for: %s',
      async (method) => {
        const paths = ['/healthz', '/predict', `/upload/dataset/${randomUUID()}.txt`, '/nowhere'];
        for (const path of paths) {
          const headers = {
            origin: EVIL,
            'content-type': 'text/plain',
            'access-control-request-method': 'PUT',
            'access-control-request-headers': 'authorization',
          };
          const answer = await http({ method, path, headers });
          expect([path, answer.status]).toEqual([path, 403]);
          const grants = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
          expect(grants).toEqual([]);
        }
      },
    );

    it('store nothing and run nothing', async () => {
      const answer = await put('dataset/of-a-page.csv', { origin: EVIL, 'content-type': 'text/plain' });
      expect(JSON.parse(answer.text)).toMatchObject({
        status: 'ERROR',
        error: { code: 'ORIGIN_FOREIGN', message: expect.stringContaining(EVIL) },
        req_id: expect.any(String),
      });
      expect(await readText(stack.s3, 'dataset', 'of-a-page.csv')).toBeUndefined();
    });

    it.each(['null', 'http://localhost:1', 'http://127.0.0.1'])('are shut for %s too', async (origin) => {
      expect((await http({ path: '/healthz', headers: { origin } })).status).toBe(403);
    });

    it('let no origin read with credentials, not even the API’s own', async () => {
      const answer = await http({ path: '/healthz', headers: { origin: OWN() } });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });
  });

  it.each(['evil.example', 'evil.example:3000', 'localhost.evil.example', '0.0.0.0'])(
    'are shut for whoever calls the API %s',
    async (host) => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const headers = { host, origin: `http://${host}` };
        expect((await http({ method, path: '/healthz', headers })).status).toBe(421);
      }
      expect((await put('dataset/rebound.csv', { host })).status).toBe(421);
      expect(await readText(stack.s3, 'dataset', 'rebound.csv')).toBeUndefined();
    },
  );

  it('do not lead to the Lambda API of serverless-offline', async () => {
    const log = await readFile(join(stack.home, 'logs/functions.log'), 'utf8');
    expect(log).toContain('Server ready');
    expect(log).not.toMatch(/http for lambda|Function names exposed/u);
    expect(log).not.toContain(stack.admin['authorization']?.replace('Bearer ', ''));
  });

  it('give stored HTML away as a file alone', async () => {
    await put('dataset/page.html', { 'content-type': 'text/html' });
    const { headers } = await http({ path: '/download/dataset/page.html' });
    expect(headers).toMatchObject({
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });

  it.runIf(onStandIns)('are shut at MLflow and S3 for other pages and other names', async () => {
    const [, , s3 = 0, mlflow = 0] = stack.ports;
    for (const headers of [{ origin: EVIL }, { host: 'evil.example' }]) {
      expect((await rawHttp(mlflow, { path: '/health', headers })).status).toBe(403);
      expect((await rawHttp(s3, { path: '/dataset/notes.txt', headers })).status).toBe(403);
    }
  });
});
