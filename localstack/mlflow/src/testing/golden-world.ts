// What the recordings are replayed against: the stand-in, or the real MLflow that MLFLOW_TRACKING_URI names where
// TEST_ON_SERVICES=1. The real one should be new: experiments of others are removed first, their
// artifacts can not be.
import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflow } from '../server.ts';
import { Names } from './recording.ts';

export interface GoldenWorld {
  readonly uri: string;
  readonly names: Names;
  readonly isReal: boolean;
  /** Takes the object store away; the real one's is not ours to stop. */
  stopStore(): Promise<void>;
  close(): Promise<void>;
}

export async function startGoldenWorld(): Promise<GoldenWorld> {
  const { TEST_ON_SERVICES: asked, MLFLOW_TRACKING_URI: uri } = process.env;
  return asked === '1' && uri !== undefined ? realWorld(uri) : standInWorld();
}

async function standInWorld(): Promise<GoldenWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-golden-'));
  const s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: ['mlflow'] });
  let now = 1_800_000_000_000;
  const mlflow = await startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
    now: () => (now += 1),
  });
  return {
    uri: mlflow.uri,
    names: new Names(),
    isReal: false,
    stopStore: () => s3.close(),
    close: async () => {
      await mlflow.close();
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function realWorld(uri: string): Promise<GoldenWorld> {
  await removeExperiments(uri);
  return {
    uri,
    names: new Names(),
    isReal: true,
    stopStore: () => Promise.reject(new Error('expected a store of our own, got the real one')),
    close: () => Promise.resolve(),
  };
}

/** A deleted experiment keeps its name, so it gets another first. */
async function removeExperiments(uri: string): Promise<void> {
  const view_type = 'ALL';
  const { experiments = [] } = await post(`${uri}/api/2.0/mlflow/experiments/search`, {
    max_results: 1000,
    view_type,
  });
  for (const { experiment_id, name, lifecycle_stage } of experiments) {
    if (name === 'Default' || name.endsWith(' (removed)')) continue;
    if (lifecycle_stage === 'deleted')
      await post(`${uri}/api/2.0/mlflow/experiments/restore`, { experiment_id });
    const new_name = `${name} ${experiment_id} (removed)`;
    await post(`${uri}/api/2.0/mlflow/experiments/update`, { experiment_id, new_name });
    await post(`${uri}/api/2.0/mlflow/experiments/delete`, { experiment_id });
  }
}

interface Experiments {
  readonly experiments?: readonly {
    readonly experiment_id: string;
    readonly name: string;
    readonly lifecycle_stage: string;
  }[];
}

async function post(url: string, body: unknown): Promise<Experiments> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: expected 200, got ${answer.status} ${await answer.text()}`);
  return Object(await answer.json());
}
