// Committed offsets of a group, read and pinned through a short-lived admin client.
import type { Admin, Consumer, Kafka } from 'kafkajs';

interface GroupOfTopic {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
}

/** The group's committed offset of one partition, -1 where there is none. */
export async function committedOffset(group: GroupOfTopic, partition: number): Promise<number> {
  const offsets = await withAdmin(group.kafka, (admin) => committedOffsets(admin, group));
  return offsets.get(partition) ?? -1;
}

/** Where a group without an offset begins; a time is in epoch milliseconds. */
export type StartingPosition = 'TRIM_HORIZON' | 'LATEST' | { readonly timestamp: number };

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
}

/**
 * Commits the starting position of each partition that has no committed offset, as the member that now owns them, so
 * that a restart before the first batch begins at the same place. Resolves to what was committed.
 */
export async function pinStart(
  group: GroupOfTopic,
  consumer: Consumer,
  { partitions, position }: { partitions: readonly number[]; position: StartingPosition },
): Promise<readonly PartitionOffset[]> {
  if (position === 'TRIM_HORIZON' || partitions.length === 0) return [];
  const { topic } = group;
  const missing = await withAdmin(group.kafka, async (admin) => {
    const committed = await committedOffsets(admin, group);
    const without = partitions.filter((partition) => (committed.get(partition) ?? -1) < 0);
    if (without.length === 0) return [];
    const starts = await startOffsets(admin, topic, position);
    return starts.filter(({ partition }) => without.includes(partition));
  });
  if (missing.length === 0) return [];
  await consumer.commitOffsets(missing.map(({ partition, offset }) => ({ topic, partition, offset })));
  return missing;
}

/** The first record at or after the time, or the end where there is none. */
async function startOffsets(
  admin: Admin,
  topic: string,
  position: 'LATEST' | { readonly timestamp: number },
): Promise<PartitionOffset[]> {
  if (position !== 'LATEST') return admin.fetchTopicOffsetsByTimestamp(topic, position.timestamp);
  const ends = await admin.fetchTopicOffsets(topic);
  return ends.map(({ partition, high }) => ({ partition, offset: high }));
}

async function committedOffsets(
  admin: Admin,
  { groupId, topic }: GroupOfTopic,
): Promise<Map<number, number>> {
  const answers = await admin.fetchOffsets({ groupId, topics: [topic] });
  const partitions = answers.find((answer) => answer.topic === topic)?.partitions ?? [];
  return new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
}

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
