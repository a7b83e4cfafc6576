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
    const first = await create('--partitions', 'inference-data=3');
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
    const partitions = Object.fromEntries(topics.map(({ name, partitions: each }) => [name, each.length]));
    expect(Object.keys(partitions)).toHaveLength(11);
    expect(partitions).toMatchObject({ 'training-data': 4, 'inference-data': 3, 'DLQ-dataset': 1 });
    expect((await create()).stdout).toBe('topic   all there already\nbucket  all there already\n');
    const grown = await create('--partitions', 'training-data=6');
    expect(grown.stdout).toBe('topic   training-data  created\nbucket  all there already\n');
  });

  it('says what is wrong, and makes nothing', async () => {
    expect(await create('--partitions', 'training-data=0')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/expected <topic>=<1 to 1000>.*got "training-data=0"\n$/u),
    });
  });
});
