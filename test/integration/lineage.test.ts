import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeChain } from '../../functions/lineage/testing/chain.ts';
import { createS3Storage } from '../../functions/shared/storage/s3-storage.ts';
import { createMlflowTracking } from '../../functions/shared/tracking/mlflow-tracking.ts';
import { ROOT } from '../support/running-stack.ts';
import { s3Client } from '../support/services.ts';
import { startStores, type Stores } from '../support/stores.ts';

describe('npm run lineage, over S3 and MLflow', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await startStores();
  });
  afterAll(() => stores?.close());

  const run = (id: string) =>
    promisify(execFile)(process.execPath, [join(ROOT, 'dist/functions/lineage/cli.js'), id], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL_S3: stores.s3,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
        MLFLOW_TRACKING_URI: stores.mlflow,
      },
    });

  it('prints the chain of a run, from its source to its predictions', async () => {
    const client = s3Client(stores.s3);
    const storage = createS3Storage(client);
    const chain = await storeChain({ storage, tracking: createMlflowTracking(stores.mlflow) }, 'größe 1');
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
