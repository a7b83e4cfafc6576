import { startBroker } from '@flts/kafka';
import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { Kafka, logLevel } from 'kafkajs';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/running-stack.ts';
import { s3Client } from '../support/services.ts';

describe('npm run create', () => {
  let folder: string;
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flts-create-'));
    broker = await startBroker({ directory: join(folder, 'kafka'), port: 0 });
    s3 = await startS3({ directory: join(folder, 's3'), port: 0 });
  });
  afterAll(async () => {
    await s3.close();
    await broker.close();
    await rm(folder, { recursive: true });
  });

  const create = (...args: string[]) =>
    exec(process.execPath, [join(ROOT, 'dist/deploy/create.js'), ...args]);
  function exec(
    file: string,
    args: readonly string[],
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = {
      ...process.env,
      KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
      BUCKET_PREFIX: 'lab-',
    };
    return new Promise((resolve) => {
      execFile(file, [...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  it('makes the topics and buckets of a deployment, and nothing the second time', async () => {
    const first = await create('--partitions', '3');
    expect([first.code, first.stdout.split('\n')]).toEqual([
      0,
      expect.arrayContaining(['bucket  lab-dataset  created']),
    ]);
    const { Buckets = [] } = await s3Client(s3.endpoint).send(new ListBucketsCommand({}));
    const names = ['dataset', 'inference-logs', 'mlflow', 'model-promotion', 'processed-data'];
    expect(Buckets.map(({ Name }) => Name)).toEqual(names.map((name) => `lab-${name}`));
    const admin = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata();
    await admin.disconnect();
    expect(topics.map(({ partitions }) => partitions.length)).toEqual(Array.from({ length: 11 }, () => 3));
    expect(topics.map(({ name }) => name)).toContain('DLQ-dataset');
    expect((await create()).stdout).toBe('topic   all there already\nbucket  all there already\n');
  });

  it('says what is wrong, and makes nothing', async () => {
    expect(await create('--partitions', '0')).toMatchObject({
      code: 1,
      stderr: '--partitions: expected 1 to 1000, got "0"\n',
    });
  });
});
