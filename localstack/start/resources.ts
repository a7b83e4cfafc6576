import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel, type Admin, type KafkaConfig } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { StartError } from './settings.ts';

/** Where the S3 stand-in, or MinIO, tells of uploads; AWS invokes the function itself. */
export const S3_NOTIFICATIONS_TOPIC = 's3-notifications';

/** Partitions of each topic. */
export type Topics = Readonly<Record<string, number>>;

/**
 * What the functions need to be there: `custom.topics` and `custom.buckets` of serverless.yml, in the folder that the command
 * runs in. `partitions` (TOPIC_PARTITIONS, like `training-data=8,inference-data=2`) says otherwise of some topics.
 * @throws StartError TOPIC_PARTITIONS_INVALID
 */
export function declaredResources(
  partitions = '',
  folder = process.cwd(),
): { readonly topics: Topics; readonly buckets: readonly string[] } {
  const text = readFileSync(join(folder, 'serverless.yml'), 'utf8');
  const { custom }: { custom: { topics: Topics; buckets: string[] } } = parse(text, { merge: true });
  const own = partitions.split(',').filter((each) => each.trim() !== '');
  return {
    buckets: custom.buckets,
    topics: { ...custom.topics, ...Object.fromEntries(own.map((each) => parsed(each, custom.topics))) },
  };
}

function parsed(text: string, topics: Topics): [string, number] {
  const [topic = '', count = ''] = text.split('=').map((part) => part.trim());
  const partitions = Number(count);
  if (topic in topics && Number.isInteger(partitions) && partitions >= 1 && partitions <= 1000)
    return [topic, partitions];
  const known = Object.keys(topics).join(', ');
  throw new StartError(
    'TOPIC_PARTITIONS_INVALID',
    `TOPIC_PARTITIONS: expected <topic>=<1 to 1000>, comma-separated, of ${known}, got ${JSON.stringify(text)}`,
  );
}

/** Creates the topics that are missing, as often copied as the cluster has it, and grows those that have too few partitions. Returns both. */
export async function createTopics(
  kafka: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>,
  wanted: Topics,
): Promise<string[]> {
  const admin = new Kafka({ clientId: 'flts-create', logLevel: logLevel.NOTHING, ...kafka }).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics = Object.entries(wanted)
      .filter(([topic]) => !existing.has(topic))
      .map(([topic, numPartitions]) => ({ topic, numPartitions }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    const grown = await growTopics(admin, wanted, [...existing]);
    return [...topics.map(({ topic }) => topic), ...grown];
  } finally {
    await admin.disconnect();
  }
}

/** A topic keeps the partitions that it has, and gets those that it lacks. */
async function growTopics(admin: Admin, wanted: Topics, existing: readonly string[]): Promise<string[]> {
  const mayGrow = existing.filter((topic) => (wanted[topic] ?? 1) > 1);
  if (mayGrow.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: mayGrow });
  const topicPartitions = topics
    .filter(({ name, partitions }) => partitions.length < (wanted[name] ?? 1))
    .map(({ name }) => ({ topic: name, count: wanted[name] ?? 1 }));
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions });
  return topicPartitions.map(({ topic }) => topic);
}

/** Creates the buckets that are missing. Returns their names. */
export async function createBuckets(s3: S3Client, buckets: readonly string[]): Promise<string[]> {
  const created: string[] = [];
  for (const bucket of buckets) {
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
