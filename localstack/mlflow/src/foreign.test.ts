import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '../../../test/support/raw-http.ts';
import { startMlflow, type MlflowServer } from './server.ts';

const PATH = '/api/2.0/mlflow/experiments/create';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request of a foreign page', () => {
  let folder: string;
  let mlflow: MlflowServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flts-mlflow-'));
    const s3 = { endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    mlflow = await startMlflow({ directory: folder, port: 0, s3, allowedHosts: ['mlflow.example'] });
  });
  afterAll(async () => {
    await mlflow.close();
    rmSync(folder, { recursive: true });
  });
  let experiments = 0;
  const create = (headers: Record<string, string | undefined>) => {
    experiments += 1;
    const body = JSON.stringify({ name: `e${experiments}` });
    return rawHttp(mlflow.port, { method: 'POST', path: PATH, headers: { ...JSON_TYPE, ...headers }, body });
  };

  it.each([
    { host: 'evil.example' },
    { host: 'evil.example:5000', origin: 'http://evil.example:5000' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3001' },
  ])('is refused and changes nothing: %j', async (headers) => {
    const answer = await create(headers);
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringMatching(/^expected .*(?:Host|Origin)/u),
    ]);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    const name = encodeURIComponent(`e${experiments}`);
    const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${name}`;
    expect((await rawHttp(mlflow.port, { path })).status).toBe(404);
  });

  it.each(['/health', '/api/2.0/mlflow-artifacts/artifacts/1/a/model.json', '/nowhere'])(
    'is refused at %s too, preflights included',
    async (path) => {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
      expect((await rawHttp(mlflow.port, { path, headers })).status).toBe(403);
      expect((await rawHttp(mlflow.port, { method: 'OPTIONS', path, headers })).status).toBe(403);
    },
  );

  it('is none where it is of this server, or of a host that is allowed', async () => {
    const own = `127.0.0.1:${mlflow.port}`;
    for (const headers of [
      {},
      { host: 'localhost' },
      { host: own, origin: `http://${own}` },
      { host: 'mlflow.example', origin: 'https://mlflow.example' },
    ])
      expect((await create(headers)).status).toBe(200);
  });
});
