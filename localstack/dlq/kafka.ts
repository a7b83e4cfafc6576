// The one place where the tool's Kafka client is constructed, and what it asks of the admin.
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { registerCodecs } from '../event-sources/src/kafka/codecs.ts';
import { isDlqTopic } from './arguments.ts';
import { DlqError } from './errors.ts';
import { RedrivenOffsets } from './redriven-offsets.ts';

/** Whose committed offsets say what was put back. */
export const REDRIVE_GROUP = 'dlq-redrive';

/** @param bootstrapServers `host:port`, separated by commas. */
export function createKafka(bootstrapServers: string): Kafka {
  registerCodecs();
  const retry = { retries: 4, initialRetryTime: 100, maxRetryTime: 1000 };
  const brokers = bootstrapServers.split(',');
  return new Kafka({ clientId: 'dlq', brokers, connectionTimeout: 3000, retry, logLevel: logLevel.NOTHING });
}

export async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function dlqTopics(admin: Admin): Promise<string[]> {
  return (await admin.listTopics()).filter(isDlqTopic).toSorted();
}

/** A partition of a dead-letter topic: the letters it holds, from `low` up to but without `high`. */
export interface PartitionState {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
  readonly redriven: RedrivenOffsets;
}

/** @throws DlqError TOPIC_NOT_FOUND */
export async function partitionStates(admin: Admin, topic: string): Promise<PartitionState[]> {
  const known = await dlqTopics(admin);
  if (!known.includes(topic)) {
    throw new DlqError(
      'TOPIC_NOT_FOUND',
      `expected one of ${known.join(', ') || 'no topic at all'}, got ${topic}`,
    );
  }
  const [offsets, [committed]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId: REDRIVE_GROUP, topics: [topic] }),
  ]);
  return offsets.map(({ partition, low, high }) => {
    const commit = committed?.partitions.find((each) => each.partition === partition);
    const bounds = { partition, low: Number(low), high: Number(high) };
    return { ...bounds, redriven: redrivenOffsets(bounds, commit) };
  });
}

/** A mark beyond the end is that of a topic which was deleted since. */
function redrivenOffsets(
  { low, high }: { low: number; high: number },
  commit: { readonly offset: string; readonly metadata: string | null } | undefined,
): RedrivenOffsets {
  const offset = Number(commit?.offset ?? -1);
  if (offset < 0 || offset > high) return new RedrivenOffsets(low);
  const redriven = new RedrivenOffsets(offset, commit?.metadata ?? '');
  return offset >= low ? redriven : new RedrivenOffsets(low, redriven.metadata);
}
