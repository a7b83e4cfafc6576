import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel } from 'kafkajs';
import { S3_NOTIFICATIONS_TOPIC } from './stand-ins.ts';

const TOPICS = ['training-data', 'inference-data', 'model-training', 'model-selected', 'inference-results'];
const ALL_TOPICS = [
  ...TOPICS,
  ...[...TOPICS, 'dataset'].map((topic) => `DLQ-${topic}`),
  S3_NOTIFICATIONS_TOPIC,
];
export const BUCKETS = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];

/** Creates the topics and buckets that are missing, so that no function's first message waits for one. */
export async function createResources(brokers: string, s3: S3Client, bucketPrefix: string): Promise<void> {
  const buckets = BUCKETS.map((name) => `${bucketPrefix}${name}`);
  await Promise.all([createTopics(brokers), createBuckets(s3, buckets)]);
}

async function createTopics(brokers: string): Promise<void> {
  const admin = new Kafka({
    clientId: 'flts-start',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics = ALL_TOPICS.filter((topic) => !existing.has(topic)).map((topic) => ({
      topic,
      numPartitions: 1,
    }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

async function createBuckets(s3: S3Client, buckets: readonly string[]): Promise<void> {
  for (const bucket of buckets) {
    const exists = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
      () => true,
      () => false,
    );
    if (!exists) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
}
