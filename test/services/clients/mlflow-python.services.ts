// MLflow's own Python client: at the stand-in, and through a real MLflow that has opened the stand-in's directory, as its
// web interface does.
import { DEFAULT_CREDENTIALS, startS3, type S3Server } from '@flts/s3';
import { startMlflow } from '@flts/mlflow';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMlflowTracking } from '../../../functions/shared/tracking/mlflow-tracking.ts';
import { freePorts } from '../../support/free-ports.ts';
import { answers, launch, type ServiceProcess } from '../service-process.ts';
import { seenByInterface } from './mlflow-interface.ts';

const PYTHON = process.env['TEST_MLFLOW_PYTHON'] ?? '';
const SCRIPT = join(import.meta.dirname, 'mlflow_runs.py');
const EXPERIMENT = 'river levels';
const SEEN = [
  {
    name: 'GRU',
    status: 'FINISHED',
    params: { window: '24' },
    metrics: {
      loss: [
        [0, '0.5'],
        [1, '0.25'],
        [2, 'nan'],
      ],
    },
    stage: 'train',
    artifacts: { 'scaler/scaler.json': '{"mean":[1.5]}', 'GRU/w + é.txt': 'weights' },
  },
  { name: 'LSTM', status: 'FAILED', params: {}, metrics: {}, stage: null, artifacts: {} },
];

/** The interface shows start and end as well, and when each point was logged. */
const SHOWN = [
  {
    name: 'GRU',
    status: 'FINISHED',
    times: ['1000', '3000'],
    params: { window: '24' },
    metrics: {
      loss: [
        [0, 0.5, 1000],
        [1, 0.25, 1001],
        [2, 'NaN', 1002],
      ],
    },
    artifacts: { 'GRU/w + é.txt': 'weights', 'scaler/scaler.json': '{"mean":[1.5]}' },
  },
  { name: 'LSTM', status: 'FAILED', times: ['2000', '3000'], params: {}, metrics: {}, artifacts: {} },
];

let folder: string;
let s3: S3Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-python-'));
  s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: ['mlflow'] });
});
afterAll(async () => {
  await s3?.close();
  await rm(folder, { recursive: true, force: true });
});

async function seenByPython(uri: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, uri, EXPERIMENT], { cwd: folder });
  return JSON.parse(stdout);
}

/** As the stages log. */
async function logRuns(uri: string): Promise<void> {
  const tracking = createMlflowTracking(uri);
  const experimentId = await tracking.experimentId(EXPERIMENT);
  const gru = await tracking.createRun({
    experimentId,
    runName: 'GRU',
    startTime: 1000,
    tags: { stage: 'train' },
  });
  const losses = [0.5, 0.25, Number.NaN];
  await tracking.log(gru.runId, {
    params: { window: '24' },
    metrics: losses.map((value, step) => ({ key: 'loss', value, step, timestamp: 1000 + step })),
  });
  await tracking.putArtifact(gru, 'scaler/scaler.json', Buffer.from('{"mean":[1.5]}'));
  await tracking.putArtifact(gru, 'GRU/w + é.txt', Buffer.from('weights'));
  await tracking.setStatus(gru.runId, 'FINISHED', 3000);
  const lstm = await tracking.createRun({ experimentId, runName: 'LSTM', startTime: 2000, tags: {} });
  await tracking.setStatus(lstm.runId, 'FAILED', 3000);
}

/** MLflow's server on the directory, which its web interface reads. */
async function openWithMlflow(directory: string): Promise<{ uri: string; server: ServiceProcess }> {
  const [port = 0] = await freePorts(1);
  const stores = ['--backend-store-uri', `file:${join(directory, 'mlruns')}`];
  const artifacts = ['--serve-artifacts', '--artifacts-destination', 's3://mlflow'];
  const uri = `http://127.0.0.1:${port}`;
  const server = await launch({
    name: 'mlflow-on-directory',
    folder,
    command: [
      join(dirname(PYTHON), 'mlflow'),
      'server',
      ...stores,
      ...artifacts,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--workers',
      '1',
    ],
    environment: {
      MLFLOW_ALLOW_FILE_STORE: 'true',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_S3_ENDPOINT_URL: s3.endpoint,
      AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
    },
    ready: () => answers(`${uri}/health`),
  });
  return { uri, server };
}

describe("MLflow's Python client, and its web interface", () => {
  it(
    'see runs, metrics by step and artifacts, at the stand-in and once MLflow has its directory',
    { timeout: 180_000 },
    async () => {
      const directory = join(folder, 'mlflow');
      const store = { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS };
      const standIn = await startMlflow({ directory, port: 0, s3: store });
      await logRuns(standIn.uri);
      expect(await seenByPython(standIn.uri)).toEqual(SEEN);
      await standIn.close();

      const { uri, server } = await openWithMlflow(directory);
      try {
        expect(await seenByPython(uri)).toEqual(SEEN);
        expect(await seenByInterface(uri, EXPERIMENT)).toEqual(SHOWN);
      } finally {
        await server.stop();
      }
    },
  );
});
