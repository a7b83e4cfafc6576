import { DEFAULT_CREDENTIALS, startS3, type S3Server } from '@flts/s3';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMlflow, type MlflowServer } from './server.ts';

let folder: string;
let s3: S3Server;
let mlflow: MlflowServer;
let now = 1_700_000_000_000;

const start = (): Promise<MlflowServer> =>
  startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
    now: () => (now += 1),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flts-mlflow-'));
  s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: ['mlflow'] });
  mlflow = await start();
});
afterAll(async () => {
  await mlflow.close();
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

type Json = Record<string, unknown>;

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }> {
  const response = await fetch(`${mlflow.uri}/api/2.0/mlflow/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

const post = (path: string, body: unknown) => call('POST', path, body);

let names = 0;
async function newRun(fields: Record<string, unknown> = {}): Promise<{ experiment: string; id: string }> {
  names += 1;
  const experiment = (await post('experiments/create', { name: `e${names}` })).json['experiment_id'];
  const { json } = await post('runs/create', {
    experiment_id: experiment,
    run_name: 'GRU',
    start_time: 5,
    ...fields,
  });
  return { experiment: String(experiment), id: (json['run'] as { info: { run_id: string } }).info.run_id };
}

describe('a request', () => {
  it.each(['200', '100-continue'])('that expects %s is served', async (expected) => {
    const sent = request(`${mlflow.uri}/health`, { headers: { expect: expected } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
  });
});

describe('experiments', () => {
  it('are created once a name, and found by it', async () => {
    const { json } = await post('experiments/create', { name: 'once' });
    expect(await post('experiments/create', { name: 'once' })).toMatchObject({
      status: 400,
      json: { error_code: 'RESOURCE_ALREADY_EXISTS' },
    });
    const found = await call('GET', 'experiments/get-by-name?experiment_name=once');
    expect(found.json).toMatchObject({
      experiment: { experiment_id: json['experiment_id'], name: 'once', lifecycle_stage: 'active' },
    });
    expect(await call('GET', 'experiments/get-by-name?experiment_name=never')).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });

  it('keep their name after deletion, and come back', async () => {
    const id = (await post('experiments/create', { name: 'gone' })).json['experiment_id'];
    await post('experiments/delete', { experiment_id: id });
    expect(await post('runs/create', { experiment_id: id })).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
    await post('experiments/restore', { experiment_id: id });
    expect((await post('runs/create', { experiment_id: id })).status).toBe(200);
  });

  it('are searched page by page', async () => {
    const first = await post('experiments/search', { max_results: 1 });
    expect(first.json['experiments']).toHaveLength(1);
    const second = await post('experiments/search', {
      max_results: 1,
      page_token: first.json['next_page_token'],
    });
    expect(second.json['experiments']).not.toEqual(first.json['experiments']);
    expect((await post('experiments/search', {})).status).toBe(400);
  });
});

describe('runs', () => {
  it('hold parameters, tags, and the latest of each metric', async () => {
    const { id } = await newRun({ tags: [{ key: 'a.b', value: 'c' }] });
    await post('runs/log-batch', {
      run_id: id,
      params: [{ key: 'epochs', value: '3' }],
      metrics: [
        { key: 'loss', value: 0.5, timestamp: 1, step: 2 },
        { key: 'loss', value: 0.9, timestamp: 2, step: 1 },
        { key: 'odd', value: 'NaN', timestamp: 1 },
      ],
      tags: [{ key: 't', value: 'x' }],
    });
    await post('runs/update', { run_id: id, status: 'FINISHED', end_time: 9 });
    const { json } = await call('GET', `runs/get?run_id=${id}`);
    expect(json['run']).toMatchObject({
      info: { run_id: id, run_uuid: id, run_name: 'GRU', status: 'FINISHED', start_time: 5, end_time: 9 },
      data: {
        metrics: [
          { key: 'loss', value: 0.5, timestamp: 1, step: 2 },
          { key: 'odd', value: 'NaN', timestamp: 1, step: 0 },
        ],
        params: [{ key: 'epochs', value: '3' }],
        tags: [
          { key: 'a.b', value: 'c' },
          { key: 'mlflow.runName', value: 'GRU' },
          { key: 't', value: 'x' },
        ],
      },
    });
  });

  it('refuse a changed parameter and write nothing of its batch', async () => {
    const { id } = await newRun();
    await post('runs/log-parameter', { run_id: id, key: 'k', value: '1' });
    expect((await post('runs/log-parameter', { run_id: id, key: 'k', value: '1' })).status).toBe(200);
    const refused = await post('runs/log-batch', {
      run_id: id,
      params: [
        { key: 'new', value: '1' },
        { key: 'k', value: '2' },
      ],
    });
    expect(refused).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(
      ((await call('GET', `runs/get?run_id=${id}`)).json['run'] as { data: unknown }).data,
    ).toMatchObject({ params: [{ key: 'k', value: '1' }] });
  });

  it('give a metric by its steps, a repeated point once', async () => {
    const { id } = await newRun();
    for (const step of [0, 1, 1, 2])
      await post('runs/log-metric', {
        run_id: id,
        key: 'val/loss',
        value: 1 / (step + 1),
        timestamp: 10 + step,
        step,
      });
    const { json } = await call(
      'GET',
      `metrics/get-history?run_id=${id}&metric_key=${encodeURIComponent('val/loss')}`,
    );
    expect(json['metrics']).toEqual(
      [0, 1, 2].map((step) => ({ key: 'val/loss', value: 1 / (step + 1), timestamp: 10 + step, step })),
    );
    expect(await call('GET', 'metrics/get-history?run_id=none&metric_key=x')).toEqual({
      status: 200,
      json: {},
    });
  });

  it.each([
    ["tags.`flts.key` = 'k1'", ['a']],
    ["tags.flts.key != 'k1'", ['b']],
    ["params.model = 'GRU' AND metrics.rmse < 0.5", ['a']],
    ['metrics.rmse >= 5e-1', ['b']],
    ["attributes.status = 'RUNNING'", ['b', 'a']],
    ["run_name LIKE 'r_n-%'", ['b', 'a']],
    ["params.none IS NULL AND params.model ILIKE 'lstm'", ['b']],
    ["tags.`none` = 'x'", []],
  ])('are found by %s', async (filter, expected) => {
    const experiment = (await post('experiments/create', { name: `search ${filter}` })).json['experiment_id'];
    for (const [name, key, model, rmse, start] of [
      ['a', 'k1', 'GRU', 0.4, 1],
      ['b', 'k2', 'LSTM', 0.5, 2],
    ] as const) {
      const { json } = await post('runs/create', {
        experiment_id: experiment,
        run_name: `run-${name}`,
        start_time: start,
        tags: [
          { key: 'flts.key', value: key },
          { key: 'n', value: name },
        ],
      });
      const { run_id } = (json['run'] as { info: { run_id: string } }).info;
      await post('runs/log-batch', {
        run_id,
        params: [{ key: 'model', value: model }],
        metrics: [{ key: 'rmse', value: rmse, timestamp: 1, step: 0 }],
      });
    }
    const { json } = await post('runs/search', { experiment_ids: [experiment], filter });
    const runs = (json['runs'] ?? []) as { data: { tags: { key: string; value: string }[] } }[];
    expect(runs.map(({ data }) => data.tags.find(({ key }) => key === 'n')?.value)).toEqual(expected);
  });

  it.each([
    "params.a = 'x' OR params.b = 'y'",
    "(params.a = 'x')",
    'params.a = x',
    "nothing.a = 'x'",
    "attributes.colour = 'x'",
    "metrics.a = 'x'",
  ])('refuse the filter %s', async (filter) => {
    const { experiment } = await newRun();
    expect(await post('runs/search', { experiment_ids: [experiment], filter })).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
  });

  it('come in the order asked for, missing values last', async () => {
    const experiment = (await post('experiments/create', { name: 'order' })).json['experiment_id'];
    for (const [start, rmse] of [
      [1, 3],
      [2, undefined],
      [3, 1],
    ] as const) {
      const { json } = await post('runs/create', { experiment_id: experiment, start_time: start });
      const { run_id } = (json['run'] as { info: { run_id: string } }).info;
      if (rmse !== undefined)
        await post('runs/log-metric', { run_id, key: 'rmse', value: rmse, timestamp: 1 });
    }
    const starts = async (order: string[]): Promise<number[]> =>
      (
        (await post('runs/search', { experiment_ids: [experiment], order_by: order })).json['runs'] as {
          info: { start_time: number };
        }[]
      ).map(({ info }) => info.start_time);
    expect(await starts(['metrics.rmse ASC'])).toEqual([3, 1, 2]);
    expect(await starts(['metrics.rmse DESC'])).toEqual([1, 3, 2]);
    expect(await starts([])).toEqual([3, 2, 1]);
    expect(await starts(['attributes.start_time ASC'])).toEqual([1, 2, 3]);
  });
});

describe('artifacts', () => {
  const proxy = (path: string, init: RequestInit = {}) =>
    fetch(`${mlflow.uri}/api/2.0/mlflow-artifacts/artifacts/${path}`, init);

  it('go in, are listed, come out and are deleted', async () => {
    const { experiment, id } = await newRun();
    const root = `${experiment}/${id}/artifacts`;
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    expect((await proxy(`${root}/GRU/weights.bin`, { method: 'PUT', body: bytes })).status).toBe(200);
    await proxy(`${root}/odd%20%2B%20%C3%A9.txt`, { method: 'PUT', body: 'x' });
    expect((await call('GET', `artifacts/list?run_id=${id}`)).json['files']).toEqual([
      { path: 'GRU', is_dir: true },
      { path: 'odd + é.txt', is_dir: false, file_size: 1 },
    ]);
    expect((await call('GET', `artifacts/list?run_id=${id}&path=GRU`)).json['files']).toEqual([
      { path: 'GRU/weights.bin', is_dir: false, file_size: 300 },
    ]);
    expect(new Uint8Array(await (await proxy(`${root}/GRU/weights.bin`)).arrayBuffer())).toEqual(bytes);
    await proxy(`${root}/GRU`, { method: 'DELETE' });
    expect((await proxy(`${root}/GRU/weights.bin`)).status).toBe(500);
  });

  it.each([
    '1/r/artifacts/..%2F..%2Fevil',
    '1/r/artifacts/%252e%252e/evil',
    '1/r/artifacts/a%23b',
    '%2Fetc/passwd',
    '1/r/artifacts/folder/',
  ])('refuse the path %s', async (path) => {
    expect((await proxy(path, { method: 'PUT', body: 'x' })).status).toBe(400);
  });
});

describe('the server', () => {
  it('finds everything again after a restart, and cuts a torn metric line', async () => {
    const { experiment, id } = await newRun();
    await post('runs/log-batch', {
      run_id: id,
      params: [{ key: 'text', value: 'two\nlines' }],
      metrics: [{ key: 'loss', value: 0.25, timestamp: 7, step: 1 }],
    });
    const before = await call('GET', `runs/get?run_id=${id}`);
    await mlflow.close();
    const metric = join(folder, 'mlflow', 'mlruns', experiment, id, 'metrics', 'loss');
    expect(readFileSync(metric, 'utf8')).toBe('7 0.25 1\n');
    appendFileSync(metric, '8 0.1');
    mlflow = await start();
    expect(await call('GET', `runs/get?run_id=${id}`)).toEqual(before);
    await post('runs/log-metric', { run_id: id, key: 'loss', value: 0.125, timestamp: 9, step: 2 });
    expect(readFileSync(metric, 'utf8')).toBe('7 0.25 1\n9 0.125 2\n');
  });

  it('answers 404 and 405 to what is not offered, 400 to a body that is not JSON by its type', async () => {
    expect((await post('registered-models/create', {})).status).toBe(404);
    expect((await call('GET', 'runs/create')).status).toBe(405);
    expect(
      (
        await fetch(`${mlflow.uri}/api/2.0/mlflow/runs/create`, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'text/plain' },
        })
      ).status,
    ).toBe(400);
  });

  it('refuses a second server on its directory and a taken port', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await expect(
      startMlflow({ directory: join(folder, 'other'), port: mlflow.port, s3: { endpoint: s3.endpoint } }),
    ).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });
});
