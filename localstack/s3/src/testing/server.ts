// A server with an SDK client for a test: temporary directory, free port, everything gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterEach } from 'vitest';
import { DEFAULT_CREDENTIALS } from '../credentials.ts';
import { type S3Options, type S3Server, startS3 } from '../server.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, the last one registered first. */
export function afterTest(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flts-s3-'));
  afterTest(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface TestServer extends S3Server {
  readonly directory: string;
  readonly client: S3Client;
}

export const BUCKET = 'dataset';

export async function startTestServer(options: Partial<S3Options> = {}): Promise<TestServer> {
  const directory = options.directory ?? (await temporaryDirectory());
  const server = await startS3({ port: 0, buckets: [BUCKET], ...options, directory });
  const client = createClient(server.endpoint);
  afterTest(() => server.close());
  return { ...server, directory, client };
}

/** The SDK with its defaults. */
export function createClient(endpoint: string, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: DEFAULT_CREDENTIALS,
    ...config,
  });
  afterTest(() => Promise.resolve(client.destroy()));
  return client;
}

/** The code and HTTP status that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
    const isMetadata = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
    const status = isMetadata ? Number(metadata.httpStatusCode) : undefined;
    return { code: error.name, status };
  }
  throw new Error('expected a refusal, got success');
}
