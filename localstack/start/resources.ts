import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { StartError } from './settings.ts';
import { S3_NOTIFICATIONS_TOPIC } from './stand-ins.ts';

export interface Resources {
  /** Partitions of each topic. */
  readonly topics: Readonly<Record<string, number>>;
  readonly buckets: readonly string[];
}

/**
 * What the functions need to be there: `custom.topics` and `custom.buckets` of serverless.yml. `partitions` (TOPIC_PARTITIONS,
 * like `training-data=8,inference-data=2`) says otherwise of some topics.
 * @throws StartError TOPIC_PARTITIONS_INVALID
 */
export function declaredResources(partitions = '', file = serverlessFile()): Resources {
  const { custom }: { custom: Resources } = parse(readFileSync(file, 'utf8'), { merge: true });
  const topics = { ...custom.topics, [S3_NOTIFICATIONS_TOPIC]: 1 };
  const own = partitions.split(',').filter((each) => each.trim() !== '');
  return { buckets: custom.buckets, topics: { ...topics, ...Object.fromEntries(own.map(parsed(topics))) } };
}

function serverlessFile(): string {
  return fileURLToPath(new URL('../../serverless.yml', import.meta.url));
}

function parsed(topics: Resources['topics']): (text: string) => [string, number] {
  return (text) => {
    const [topic = '', count = ''] = text.split('=').map((part) => part.trim());
    const partitions = Number(count);
    if (topic in topics && Number.isInteger(partitions) && partitions >= 1 && partitions <= 1000)
      return [topic, partitions];
    const known = Object.keys(topics).join(', ');
    throw new StartError(
      'TOPIC_PARTITIONS_INVALID',
      `TOPIC_PARTITIONS: expected <topic>=<1 to 1000>, comma-separated, of ${known}, got ${JSON.stringify(text)}`,
    );
  };
}

/** Creates the topics and buckets that are missing, so that no function's first message waits for one, and grows topics. */
export async function createResources(
  brokers: string,
  s3: S3Client,
  { topics, buckets }: Resources,
): Promise<void> {
  await Promise.all([createTopics(brokers, topics), createBuckets(s3, buckets)]);
}

async function createTopics(brokers: string, wanted: Resources['topics']): Promise<void> {
  const admin = new Kafka({
    clientId: 'flts-start',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics = Object.entries(wanted)
      .filter(([topic]) => !existing.has(topic))
      .map(([topic, numPartitions]) => ({ topic, numPartitions }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    await growTopics(admin, wanted, [...existing]);
  } finally {
    await admin.disconnect();
  }
}

/** A topic keeps the partitions that it has, and gets those that it lacks. */
async function growTopics(
  admin: Admin,
  wanted: Resources['topics'],
  existing: readonly string[],
): Promise<void> {
  const mayGrow = existing.filter((topic) => (wanted[topic] ?? 1) > 1);
  if (mayGrow.length === 0) return;
  const { topics } = await admin.fetchTopicMetadata({ topics: mayGrow });
  const topicPartitions = topics
    .filter(({ name, partitions }) => partitions.length < (wanted[name] ?? 1))
    .map(({ name }) => ({ topic: name, count: wanted[name] ?? 1 }));
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions });
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
