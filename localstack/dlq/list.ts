// `list`: how many letters each dead-letter topic holds, and what the newest tell of.
import type { Kafka } from 'kafkajs';
import { dlqTopics, partitionStates, withAdmin, type PartitionState } from './kafka.ts';
import { errorOf, type Letter } from './letter.ts';
import { peekLetters, type LetterRange } from './read-letters.ts';

export interface TopicSummary {
  readonly topic: string;
  readonly letters: number;
  /** Not put back yet. */
  readonly left: number;
  /** Epoch milliseconds of the newest letter. */
  readonly newest: number | undefined;
  /** Of the newest letters, the newest code first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];
}

const SAMPLE = 20;

export async function listTopics(kafka: Kafka): Promise<TopicSummary[]> {
  const states = await withAdmin(kafka, async (admin) => {
    const topics = await dlqTopics(admin);
    return Promise.all(
      topics.map(async (topic) => ({ topic, partitions: await partitionStates(admin, topic) })),
    );
  });
  return Promise.all(
    states.map(async ({ topic, partitions }) =>
      summarise(topic, partitions, await newestLetters(kafka, topic, { partitions, count: SAMPLE })),
    ),
  );
}

function summarise(
  topic: string,
  partitions: readonly PartitionState[],
  newest: readonly Letter[],
): TopicSummary {
  const counts = new Map<string, number>();
  for (const { code } of newest.map(errorOf)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return {
    topic,
    letters: partitions.reduce((sum, { low, high }) => sum + high - low, 0),
    left: partitions.reduce((sum, { high, redriven }) => sum + redriven.left(high), 0),
    newest: newest[0]?.timestamp,
    errors: [...counts].map(([code, count]) => ({ code, count })),
  };
}

/** The newest `count` letters of all partitions together, the newest first. */
export async function newestLetters(
  kafka: Kafka,
  topic: string,
  { partitions, count }: { readonly partitions: readonly PartitionState[]; readonly count: number },
): Promise<Letter[]> {
  const ranges = partitions.map(({ partition, low, high }): LetterRange => ({
    partition,
    from: Math.max(low, high - count),
    to: high,
  }));
  const letters = await peekLetters(kafka, topic, ranges);
  return letters.toSorted((a, b) => b.timestamp - a.timestamp || b.offset - a.offset).slice(0, count);
}
