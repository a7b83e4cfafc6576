import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMlflow, type MlflowServer } from './server.ts';
import { startChild } from './testing/child.ts';

// No artifact is touched here.
const s3 = { endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

let directory: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flts-mlflow-crash-'));
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(log?: (event: Record<string, unknown>) => void): Promise<MlflowServer> {
  const server = await startMlflow({ directory, port: 0, s3, ...(log === undefined ? {} : { log }) });
  closing.push(() => server.close());
  return server;
}

interface RunAnswer {
  readonly run: {
    readonly info: { readonly run_id: string; readonly experiment_id: string; readonly run_name: string };
    readonly data: Readonly<Record<string, { readonly key: string; readonly value: unknown }[]>>;
  };
}

async function post<T>(uri: string, path: string, body: unknown): Promise<T> {
  const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

async function get<T>(uri: string, path: string): Promise<T> {
  return (await fetch(`${uri}/api/2.0/mlflow/${path}`)).json();
}

async function newRun(uri: string): Promise<RunAnswer['run']['info']> {
  return (await post<RunAnswer>(uri, 'runs/create', { experiment_id: '0', run_name: 'r' })).run.info;
}

async function history(uri: string, run: string, key: string): Promise<number[]> {
  const path = `metrics/get-history?run_id=${run}&metric_key=${key}`;
  const { metrics = [] } = await get<{ metrics?: { step: number }[] }>(uri, path);
  return metrics.map(({ step }) => step);
}

describe('SIGKILL', () => {
  it('while batches stream in loses none that was answered, and leaves a directory that opens', async () => {
    const child = await startChild(['--dir', directory]);
    const { run_id: id } = await newRun(child.uri);
    const answered: number[] = [];
    const write = async (): Promise<void> => {
      for (let step = 0; ; step += 1) {
        const point = { key: 'loss', value: 1 / (step + 1), timestamp: step, step };
        const tags = [{ key: 'step', value: String(step) }];
        await post(child.uri, 'runs/log-batch', { run_id: id, metrics: [point], tags });
        answered.push(step);
        // Answers go on coming while the signal is on its way.
        if (step === 40) void child.kill();
      }
    };
    await expect(write()).rejects.toThrow('fetch failed');
    await child.kill();
    const { uri } = await start();
    const kept = await history(uri, id, 'loss');
    expect(kept.slice(0, answered.length)).toEqual(answered);
    const { run } = await get<RunAnswer>(uri, `runs/get?run_id=${id}`);
    const step = run.data['tags']?.find(({ key }) => key === 'step')?.value;
    expect([String(answered.at(-1)), String((answered.at(-1) ?? 0) + 1)]).toContain(step);
  });

  it('leaves no lock behind that holds up the next server', async () => {
    const child = await startChild(['--dir', directory]);
    await expect(start()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await child.kill();
    expect((await start()).port).toBeGreaterThan(0);
  });
});

describe('a directory that a crash left', () => {
  it('with our own process id in its lock is taken, as in a container that starts anew', async () => {
    writeFileSync(join(directory, 'lock'), `${process.pid} 1`);
    expect((await start()).port).toBeGreaterThan(0);
  });

  it('with one damaged meta.yaml opens, tells of it, and keeps the other runs', async () => {
    const first = await start();
    const [damaged, sound] = [await newRun(first.uri), await newRun(first.uri)];
    await first.close();
    closing.length = 0;
    const path = join(directory, 'mlruns', '0', damaged.run_id, 'meta.yaml');
    writeFileSync(path, 'run_name: [torn');
    const events: Record<string, unknown>[] = [];
    const { uri } = await start((event) => events.push(event));
    expect(events).toMatchObject([{ event: 'metadata_unreadable', path }]);
    expect((await get<RunAnswer>(uri, `runs/get?run_id=${sound.run_id}`)).run.info).toEqual(sound);
    expect(readFileSync(path, 'utf8')).toBe('run_name: [torn');
  });

  it('with a file written aside takes it for no tag', async () => {
    const first = await start();
    const { run_id: id } = await newRun(first.uri);
    await post(first.uri, 'runs/set-tag', { run_id: id, key: 'mine.tmp', value: 'kept' });
    await first.close();
    closing.length = 0;
    appendFileSync(join(directory, 'mlruns', '0', id, 'tags', 'torn~'), 'x');
    const { uri } = await start();
    const { tags = [] } = (await get<RunAnswer>(uri, `runs/get?run_id=${id}`)).run.data;
    expect(tags).toEqual([
      { key: 'mine.tmp', value: 'kept' },
      { key: 'mlflow.runName', value: 'r' },
    ]);
  });
});

it.each(['yes', '12:30', '2024-01-01', '1e5', 'null', '0x1F', '- a: b', "it's\n#", ' é '])(
  'a run named %j keeps its name over a restart',
  async (name) => {
    const first = await start();
    const { run } = await post<RunAnswer>(first.uri, 'runs/create', { experiment_id: '0', run_name: name });
    await first.close();
    closing.length = 0;
    const { uri } = await start();
    expect((await get<RunAnswer>(uri, `runs/get?run_id=${run.info.run_id}`)).run.info.run_name).toBe(name);
  },
);

it.each(['yes', '12:30', '2024-01-01', '0x1F'])('writes %j so that Python reads a string', async (name) => {
  const { uri } = await start();
  const { run } = await post<RunAnswer>(uri, 'runs/create', { experiment_id: '0', run_name: name });
  const meta = readFileSync(join(directory, 'mlruns', '0', run.info.run_id, 'meta.yaml'), 'utf8');
  expect(meta).toMatch(new RegExp(`^run_name: ["']${name}["']$`, 'mu'));
});

it('loses nothing of twenty batches that come at once', async () => {
  const { uri } = await start();
  const { run_id: id } = await newRun(uri);
  const batch = (writer: number) => ({
    run_id: id,
    metrics: Array.from({ length: 50 }, (_, index) => {
      const step = writer * 50 + index;
      return { key: 'loss', value: step, timestamp: step, step };
    }),
    params: [{ key: `p${writer}`, value: String(writer) }],
  });
  await Promise.all(Array.from({ length: 20 }, (_, writer) => post(uri, 'runs/log-batch', batch(writer))));
  expect(await history(uri, id, 'loss')).toEqual(Array.from({ length: 1000 }, (_, step) => step));
  const { params = [] } = (await get<RunAnswer>(uri, `runs/get?run_id=${id}`)).run.data;
  expect(params).toHaveLength(20);
});

it('goes on when a client leaves in the middle of a body', async () => {
  let told: (event: Record<string, unknown>) => void = () => {};
  const left = new Promise<Record<string, unknown>>((resolve) => (told = resolve));
  const { uri, port } = await start((event) => told(event));
  const sent = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/api/2.0/mlflow/runs/create',
    headers: { 'content-type': 'application/json', 'content-length': 1000 },
  });
  sent.on('error', () => undefined);
  sent.write('{"experiment_id":');
  sent.once('socket', (socket) => socket.once('connect', () => setImmediate(() => sent.destroy())));
  expect(await left).toMatchObject({ event: 'client_left' });
  expect(await (await fetch(`${uri}/health`)).text()).toBe('OK');
  const { runs = [] } = await post<{ runs?: unknown[] }>(uri, 'runs/search', { experiment_ids: ['0'] });
  expect(runs).toEqual([]);
});

it('refuses an announced body beyond its limit before reading it', async () => {
  const { uri, port } = await start();
  const sent = request({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    path: '/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/big.bin',
    headers: { 'content-length': 2 ** 40 },
  });
  sent.on('error', () => undefined);
  sent.flushHeaders();
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(400);
  sent.destroy();
  expect((await fetch(`${uri}/health`)).status).toBe(200);
});
