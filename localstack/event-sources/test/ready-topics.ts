import { KafkaJSError, type Admin, type ITopicConfig } from 'kafkajs';

const READY_MS = 15_000;

/**
 * Makes topics, and waits until their leaders serve them: Apache Kafka names a leader before it does, and kafkajs then
 * sends a second time what the other partitions of a topic took.
 */
export async function createReadyTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics });
  await Promise.all(topics.map(({ topic }) => untilServed(admin, topic)));
}

async function untilServed(admin: Admin, topic: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (cause) {
      const goesOn = cause instanceof KafkaJSError && cause.retriable && Date.now() < deadline;
      if (!goesOn) throw cause;
    }
  }
}
