// Reads given ranges of a topic's partitions, in order within each, and ends when they are read.
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { passOverUnreadable } from '../event-sources/src/kafka/codecs.ts';
import { worthHandling } from '../event-sources/src/kafka/unreadable-batch.ts';
import { DlqError } from './errors.ts';
import { withAdmin } from './kafka.ts';
import { toLetter, type Letter } from './letter.ts';

export interface LetterRange {
  readonly partition: number;
  readonly from: number;
  /** Without this one itself. */
  readonly to: number;
}

export interface ReadOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly ranges: readonly LetterRange[];
  /** Called with what one fetch gave of a partition; the next waits for it. */
  readonly handle: (letters: readonly Letter[], consumer: Consumer) => Promise<void>;
}

/** @throws DlqError REDRIVE_RUNNING where another member of the group holds a partition; what `handle` throws. */
export async function readLetters(kafka: Kafka, options: ReadOptions): Promise<void> {
  const ranges = options.ranges.filter(({ from, to }) => from < to);
  if (ranges.length === 0) return;
  const consumer = kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: 6000,
    rebalanceTimeout: 6000,
    heartbeatInterval: 1000,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: options.topic, fromBeginning: true });
    await consume(consumer, { ...options, ranges });
  } finally {
    await consumer.disconnect();
  }
}

function consume(consumer: Consumer, { topic, ranges, handle }: ReadOptions): Promise<void> {
  const open = new Map(ranges.map(({ partition, from, to }) => [partition, { next: from, to }]));
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (error?: unknown): void => {
      isOver = true;
      if (error === undefined) resolve();
      else reject(error);
    };
    const onBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
      const range = open.get(batch.partition);
      if (range === undefined || isOver) return;
      const letters = worthHandling(batch.messages)
        .map((message) => toLetter(topic, batch.partition, message))
        .filter(({ offset }) => offset >= range.next && offset < range.to);
      try {
        if (letters.length > 0) await handle(letters, consumer);
      } catch (error) {
        return end(error);
      }
      range.next = Math.max(range.next, Number(batch.lastOffset()) + 1);
      if (range.next >= range.to) open.delete(batch.partition);
      if (open.size === 0) end();
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const owned = payload.memberAssignment[topic] ?? [];
      if ([...open.keys()].every((partition) => owned.includes(partition))) return;
      end(new DlqError('REDRIVE_RUNNING', `expected ${topic} to myself, got another redrive at work on it`));
    });
    passOverUnreadable(() => consumer.run({ autoCommit: false, eachBatch: onBatch }))
      .then(() => {
        for (const { partition, from } of ranges) consumer.seek({ topic, partition, offset: String(from) });
      })
      .catch(end);
  });
}

/** Reads under a group of its own, which leaves no trace. */
export async function peekLetters(
  kafka: Kafka,
  topic: string,
  ranges: readonly LetterRange[],
): Promise<Letter[]> {
  const groupId = `dlq-peek-${randomUUID()}`;
  const letters: Letter[] = [];
  const handle = (fetched: readonly Letter[]): Promise<void> => {
    letters.push(...fetched);
    return Promise.resolve();
  };
  await readLetters(kafka, { groupId, topic, ranges, handle });
  // Empty and without offsets, it would go by itself in the end.
  await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  return letters;
}
