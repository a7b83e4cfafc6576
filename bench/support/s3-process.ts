import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';

/** The stand-in for S3 in a process of its own, so that it takes no turns with what is measured. */
export async function runS3(directory: string): Promise<void> {
  const s3 = await startS3({ directory, port: 0, buckets: ['dataset', 'processed-data'] });
  const environment = {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    BENCH_S3: new URL(s3.endpoint).host,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
  };
  console.log(`ready${JSON.stringify(environment)}`);
}
