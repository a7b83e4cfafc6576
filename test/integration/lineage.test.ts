import { S3Client } from '@aws-sdk/client-s3';
import { startMlflow, type MlflowServer } from '@flts/mlflow';
import { DEFAULT_CREDENTIALS, startS3, type S3Server } from '@flts/s3';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeChain } from '../../functions/lineage/testing/chain.ts';
import { createS3Storage } from '../../functions/shared/storage/s3-storage.ts';
import { createMlflowTracking } from '../../functions/shared/tracking/mlflow-tracking.ts';
import { ROOT } from '../support/running-stack.ts';

const BUCKETS = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];

describe('npm run lineage, over S3 and MLflow', () => {
  let folder = '';
  let s3: S3Server;
  let mlflow: MlflowServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flts-lineage-'));
    s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: BUCKETS });
    mlflow = await startMlflow({
      directory: join(folder, 'mlflow'),
      port: 0,
      s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
    });
  });
  afterAll(async () => {
    await mlflow?.close();
    await s3?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (id: string) =>
    promisify(execFile)(process.execPath, [join(ROOT, 'dist/functions/lineage/cli.js'), id], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
        MLFLOW_TRACKING_URI: mlflow.uri,
      },
    });

  it('prints the chain of a run, from its source to its predictions', async () => {
    const { endpoint } = s3;
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: DEFAULT_CREDENTIALS,
    });
    const storage = createS3Storage(client);
    const chain = await storeChain({ storage, tracking: createMlflowTracking(mlflow.uri) }, 'größe 1');
    const { etag } = (await storage.head('dataset', 'größe 1.csv')) ?? {};
    client.destroy();

    const { stdout } = await run(chain.gru);

    expect(stdout).toContain(`source       dataset/größe 1.csv  etag ${etag}`);
    expect(stdout).toContain(`config       ${chain.configHash}`);
    expect(stdout).toContain(`processed-data/größe 1/${chain.configHash}/train.parquet`);
    expect(stdout).toContain(`runs         ${chain.gru}  GRU  FINISHED  select_score 0.25`);
    expect(stdout).toContain('(current)');
    expect(stdout).toContain('inference-logs/größe 1/20240501/results.jsonl:1');
    expect(stdout).not.toContain(chain.lstm);
  });

  it('ends with exit code 1 and says what it looked for where there is nothing', async () => {
    await expect(run('0'.repeat(64))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^identifier_unknown: expected a data set in processed-data .* got none\n$/u,
      ),
    });
  });
});
