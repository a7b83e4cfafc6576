// A bucket whose server publishes to Kafka: the stand-in's, or that of the real server that AWS_ENDPOINT_URL_S3 names
// where TEST_ON_SERVICES=1, which publishes to one topic for all.
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { kafkaTarget, startS3 } from '@flts/s3';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestBroker } from './broker.ts';

const REAL = process.env['TEST_ON_SERVICES'] === '1' ? process.env['AWS_ENDPOINT_URL_S3'] : undefined;
const REAL_TOPIC = 's3-notifications';

export interface NotifyingBucket {
  readonly bucket: string;
  readonly topic: string;
  readonly endpoint: string;
  readonly client: S3Client;
  readonly close: () => Promise<void>;
}

export async function startNotifyingBucket(broker: TestBroker): Promise<NotifyingBucket> {
  const bucket = `uploads-${randomUUID()}`;
  const { topic, endpoint, close } =
    REAL === undefined
      ? await startStandIn(broker)
      : { topic: REAL_TOPIC, endpoint: REAL, close: () => Promise.resolve() };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    bucket,
    topic,
    endpoint,
    client,
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

async function startStandIn(
  broker: TestBroker,
): Promise<{ topic: string; endpoint: string; close: () => Promise<void> }> {
  const topic = await broker.createTopic();
  const directory = await mkdtemp(join(tmpdir(), 'event-sources-s3-'));
  const targets = [kafkaTarget({ brokers: broker.bootstrapServers.split(','), topic })];
  const server = await startS3({ directory, port: 0, targets });
  return {
    topic,
    endpoint: server.endpoint,
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
