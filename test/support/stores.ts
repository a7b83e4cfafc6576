import { startMlflow } from '@flts/mlflow';
import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKETS, emptyServices, realServices } from './services.ts';

export interface Stores {
  readonly s3: string;
  readonly mlflow: string;
  close(): Promise<void>;
}

/** S3 with the pipeline's buckets and MLflow on it: the real ones of the environment, emptied, or stand-ins. */
export async function startStores(): Promise<Stores> {
  const real = realServices();
  if (real !== undefined) {
    await emptyServices(real);
    return { s3: real.s3, mlflow: real.mlflow, close: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'flts-stores-'));
  const s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: BUCKETS });
  const mlflow = await startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
  });
  return {
    s3: s3.endpoint,
    mlflow: mlflow.uri,
    close: async () => {
      await mlflow.close();
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
