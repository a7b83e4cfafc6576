import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { safePath } from './artifacts/path.ts';
import { startMlflow, type MlflowServer } from './server.ts';

let folder: string;
let mlflow: MlflowServer;
let run: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flts-mlflow-keys-'));
  mlflow = await startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
  });
  const { json } = await post('runs/create', { experiment_id: '0' });
  run = json.run.info.run_id;
});
afterAll(async () => {
  await mlflow.close();
  rmSync(folder, { recursive: true, force: true });
});

async function post(path: string, body: unknown) {
  const response = await fetch(`${mlflow.uri}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: Object(await response.json()) };
}

const refused = { status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } };

describe('a key that leads out of its folder is refused', () => {
  const outside = '../../../../../evil';
  it.each([outside, '/etc/evil', 'a/../../evil', '..', '.', 'a//b', './a', 'a/'])('%s', async (key) => {
    const tag = { key, value: 'x' };
    const metric = { key, value: 1, timestamp: 1 };
    expect(await post('runs/set-tag', { run_id: run, ...tag })).toMatchObject(refused);
    expect(await post('runs/log-parameter', { run_id: run, ...tag })).toMatchObject(refused);
    expect(await post('runs/log-metric', { run_id: run, ...metric })).toMatchObject(refused);
    expect(await post('runs/create', { experiment_id: '0', tags: [tag] })).toMatchObject(refused);
    expect(await post('experiments/create', { name: `n ${key}`, tags: [tag] })).toMatchObject(refused);
    expect(await post('experiments/set-experiment-tag', { experiment_id: '0', ...tag })).toMatchObject(
      refused,
    );
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  it('as is the id of an experiment that does so', async () => {
    const answer = await post('experiments/set-experiment-tag', {
      experiment_id: '../../outside',
      key: 'k',
      value: 'v',
    });
    expect(answer).toMatchObject({ status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    expect(existsSync(join(folder, 'outside'))).toBe(false);
  });
});

describe('a key that would be the folder of another is refused, and its batch writes nothing', () => {
  it.each([
    ['val', 'val/loss'],
    ['deep/er/key', 'deep/er'],
  ])('%s, then %s', async (first, second) => {
    expect((await post('runs/log-metric', { run_id: run, key: first, value: 1, timestamp: 1 })).status).toBe(
      200,
    );
    const metrics = [
      { key: 'before', value: 1, timestamp: 1 },
      { key: second, value: 1, timestamp: 1 },
    ];
    expect(await post('runs/log-batch', { run_id: run, metrics })).toMatchObject(refused);
    const response = await fetch(
      `${mlflow.uri}/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=before`,
    );
    expect(await response.json()).toEqual({});
  });
});

it('takes keys of any script', async () => {
  const answer = await post('runs/log-metric', {
    run_id: run,
    key: 'rmse/température',
    value: 1,
    timestamp: 1,
  });
  expect(answer).toEqual({ status: 200, json: {} });
});

it('refuses to rename an experiment to the name of another', async () => {
  const { json } = await post('experiments/create', { name: 'one' });
  const taken = await post('experiments/update', { experiment_id: json.experiment_id, new_name: 'Default' });
  expect(taken).toMatchObject({ status: 400, json: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
});

describe('a path of artifacts', () => {
  it.each([
    ['1/r/artifacts/a%20b.txt', '1/r/artifacts/a b.txt'],
    ['1/r/artifacts/100%2525.txt', '1/r/artifacts/100%.txt'],
    ['1/r/artifacts/50%', '1/r/artifacts/50%'],
    ['1/r/artifacts/folder/', '1/r/artifacts/folder'],
    ['1/r/artifacts/a..b', '1/r/artifacts/a..b'],
  ])('%s is %s', (path, expected) => {
    expect(safePath(path)).toBe(expected);
  });

  it.each([
    '..',
    'a/../b',
    'a/%2e%2e/b',
    'a/%252e%252e/b',
    'a/%25252e%25252e/b',
    '/a',
    '%2Fa',
    'a%5Cb',
    'a%00',
    '',
  ])('%j is refused', (path) => {
    expect(() => safePath(path)).toThrow('Invalid path');
  });
});
