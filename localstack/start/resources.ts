import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';

/** Where the S3 stand-in, or MinIO, tells of uploads; AWS invokes the function itself. */
export const S3_NOTIFICATIONS_TOPIC = 's3-notifications';

const TOPICS = ['training-data', 'inference-data', 'model-training', 'model-selected', 'inference-results'];
export const ALL_TOPICS = [...TOPICS, ...[...TOPICS, 'dataset'].map((topic) => `DLQ-${topic}`)];
export const BUCKETS = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];

export interface TopicsOf {
  readonly kafka: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>;
  readonly topics: readonly string[];
  /** Of topics that are made; default 1. */
  readonly partitions?: number;
}

/** Creates the topics that are missing, as often copied as the cluster has it; none is changed. Returns those. */
export async function createTopics({ kafka, topics, partitions = 1 }: TopicsOf): Promise<string[]> {
  const admin = new Kafka({ clientId: 'flts-create', logLevel: logLevel.NOTHING, ...kafka }).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    const asked = missing.map((topic) => ({ topic, numPartitions: partitions }));
    if (missing.length > 0) await admin.createTopics({ topics: asked, waitForLeaders: true });
    return missing;
  } finally {
    await admin.disconnect();
  }
}

/** Creates the buckets that are missing. Returns their names, which begin with `prefix`. */
export async function createBuckets(s3: S3Client, prefix: string): Promise<string[]> {
  const created: string[] = [];
  for (const bucket of BUCKETS.map((name) => `${prefix}${name}`)) {
    const exists = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    created.push(bucket);
  }
  return created;
}
