import { describeError } from '../shared/errors.ts';
import { bucketShape, readSettings, serviceShape } from '../shared/settings/settings.ts';
import { createPrefixedStorage } from '../shared/storage/prefixed-storage.ts';
import { createS3Client, createS3Storage } from '../shared/storage/s3-storage.ts';
import { createMlflowTracking } from '../shared/tracking/mlflow-tracking.ts';
import { lineage } from './lineage.ts';
import { orOfNpmStart } from './surroundings.ts';

const USAGE = `Usage: npm run lineage -- <run_id | config_hash | prediction_hash>
Reads S3 (AWS_ENDPOINT_URL_S3, AWS credentials and region) and MLflow (MLFLOW_TRACKING_URI), by default those of
npm start; writes nothing.`;

async function main([id, ...rest]: readonly string[]): Promise<void> {
  if (id === undefined || rest.length > 0 || id.startsWith('-')) {
    console.log(USAGE);
    process.exitCode = id === '--help' ? 0 : 2;
    return;
  }
  try {
    const { MLFLOW_TRACKING_URI } = serviceShape;
    // The SDK reads its settings from the process's environment itself.
    Object.assign(process.env, orOfNpmStart(process.env));
    const settings = readSettings({ MLFLOW_TRACKING_URI, ...bucketShape }, process.env);
    const storage = createPrefixedStorage(createS3Storage(createS3Client()), settings.BUCKET_PREFIX);
    const lines = await lineage(id, {
      storage,
      tracking: createMlflowTracking(settings.MLFLOW_TRACKING_URI),
    });
    console.log(lines.join('\n'));
  } catch (thrown) {
    const { code, message } = describeError(thrown);
    console.error(`${code}: ${message}`);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
