import { cpSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTopicStore, type TopicStore } from './log/topic-store.ts';
import { startChild } from './testing/child.ts';
import { append, recordsOf } from './testing/log-folder.ts';

const KEYS = 7;
const BATCHES = 400;
const SETTINGS = { 'cleanup.policy': 'compact', 'segment.bytes': '700', 'min.cleanable.dirty.ratio': '0' };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flts-compaction-crash-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Opened as the broker does it at its start. @throws Error where anything was cut */
function openTopics(directory: string): TopicStore {
  return openTopicStore(directory, (event) => {
    throw new Error(`expected a whole log, got ${JSON.stringify(event)}`);
  });
}

function logOf(topics: TopicStore) {
  const log = topics.partition('t', 0)?.log;
  if (log === undefined) throw new Error('expected a partition, got none');
  return log;
}

/** Every other record has a key of its own, so that something of each segment stays. */
const keyOf = (offset: number): string => (offset % 2 === 0 ? `own-${offset}` : `k${offset % KEYS}`);

/** A topic of many small segments that was never compacted. */
function writeTopic(directory: string): void {
  const topics = openTopics(directory);
  topics.create('t', 1, SETTINGS);
  for (let index = 0; index < BATCHES; index += 1)
    append(logOf(topics), [[keyOf(index), `v${index}`]], { timestamp: BigInt(index) });
  topics.close();
}

function partitionFolder(directory: string): string {
  const [topic = ''] = readdirSync(join(directory, 'topics'));
  return join(directory, 'topics', topic, '0');
}

/** Resolves at the nth thing that happens to a file of the partition, or at the end of the compaction. */
function nthFileEvent(folder: string, count: number): { due: Promise<void>; stop: () => void } {
  let seen = 0;
  let reached: () => void = () => {};
  const due = new Promise<void>((resolve) => (reached = resolve));
  const watcher = watch(folder, (_kind, name) => {
    seen += 1;
    if (seen >= count || name === 'cleaned') reached();
  });
  return { due, stop: () => watcher.close() };
}

describe('SIGKILL in the middle of a compaction', () => {
  it(
    'loses no last record of a key, and leaves a log that opens and goes on',
    { timeout: 90_000 },
    async () => {
      const original = join(root, 'original');
      writeTopic(original);
      const isLast = (offset: number): boolean => offset % 2 === 0 || offset >= BATCHES - 2 * KEYS;
      const needed = Array.from({ length: BATCHES }, (_, offset) => offset).filter(isLast);
      let killedInTheMiddle = 0;
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 34, 55, 77, 99, 144, 201, 233]) {
        const directory = join(root, `step-${step}`);
        cpSync(original, directory, { recursive: true });
        const folder = partitionFolder(directory);
        const { due, stop } = nthFileEvent(folder, step);
        const child = await startChild(directory, 0, ['--cleanup-ms', '1']);
        await due;
        await child.kill();
        stop();
        if (!readdirSync(folder).includes('cleaned')) killedInTheMiddle += 1;

        const topics = openTopics(directory);
        const log = logOf(topics);
        const records = recordsOf(log);
        const offsets = records.map(([offset]) => offset);
        expect(needed.filter((offset) => !offsets.includes(offset))).toEqual([]);
        expect(records).toEqual(offsets.map((offset) => [offset, keyOf(offset), `v${offset}`]));
        expect([log.startOffset, log.endOffset]).toEqual([0n, BigInt(BATCHES)]);
        await log.compact(0);
        // The last segment is written to, and therefore left as it is.
        expect(recordsOf(log).length).toBeLessThan(needed.length + 12);
        expect(append(log, [['k0', 'next']])).toBe(BigInt(BATCHES));
        expect(readdirSync(folder).filter((name) => /cleaned$|swap$/u.test(name))).toEqual(['cleaned']);
        topics.close();
      }
      expect(killedInTheMiddle).toBeGreaterThan(3);
    },
  );
});
