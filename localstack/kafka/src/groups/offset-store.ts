import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface CommittedOffset {
  readonly offset: string;
  readonly metadata: string;
}

/** Committed offsets: an append-only file of JSON lines, rewritten at each start and when it has grown. */
export interface OffsetStore {
  get(group: string, topic: string, partition: number): CommittedOffset | undefined;
  commit(
    group: string,
    offsets: readonly { topic: string; partition: number; offset: string; metadata: string }[],
  ): void;
  topicsOf(group: string): ReadonlyMap<string, readonly number[]>;
  groups(): string[];
  deleteGroup(group: string): void;
  /** Of every group. */
  deleteTopic(topic: string): void;
  close(): void;
}

type Line =
  | { group: string; topic: string; partition: number; offset: string; metadata: string }
  | { group: string; deleted: true }
  | { topicDeleted: string };

/** Lines beyond those in force before the file is rewritten. */
const MAX_STALE_LINES = 10_000;

export function openOffsetStore(directory: string): OffsetStore {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'offsets.jsonl');
  const groups = new Map<string, Map<string, { topic: string; partition: number } & CommittedOffset>>();
  const apply = (line: Line): void => {
    if ('topicDeleted' in line) {
      for (const offsets of groups.values())
        for (const [key, { topic }] of offsets) if (topic === line.topicDeleted) offsets.delete(key);
      return;
    }
    if ('deleted' in line) {
      groups.delete(line.group);
      return;
    }
    const { group, ...committed } = line;
    const offsets = groups.get(group) ?? new Map();
    offsets.set(`${line.topic}-${line.partition}`, committed);
    groups.set(group, offsets);
  };
  for (const line of readLines(path)) apply(line);
  let stale = 0;
  let file = rewrite(path, groups);
  const write = (lines: readonly Line[]): void => {
    writeSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (const line of lines) apply(line);
    stale += lines.length;
    if (stale < MAX_STALE_LINES) return;
    closeSync(file);
    file = rewrite(path, groups);
    stale = 0;
  };
  return {
    get: (group, topic, partition) => groups.get(group)?.get(`${topic}-${partition}`),
    commit: (group, offsets) => write(offsets.map((offset) => ({ group, ...offset }))),
    topicsOf: (group) => {
      const topics = new Map<string, number[]>();
      for (const { topic, partition } of groups.get(group)?.values() ?? [])
        topics.set(topic, [...(topics.get(topic) ?? []), partition]);
      return topics;
    },
    groups: () => [...groups.keys()],
    deleteGroup: (group) => write([{ group, deleted: true }]),
    deleteTopic: (topic) => write([{ topicDeleted: topic }]),
    close: () => closeSync(file),
  };
}

/** Writes what is in force aside, and opens the file for more. */
function rewrite(
  path: string,
  groups: ReadonlyMap<string, ReadonlyMap<string, { topic: string; partition: number } & CommittedOffset>>,
): number {
  const lines = [...groups].flatMap(([group, offsets]) =>
    [...offsets.values()].map((offset) => `${JSON.stringify({ group, ...offset })}\n`),
  );
  writeFileSync(`${path}.tmp`, lines.join(''), { flush: true });
  renameSync(`${path}.tmp`, path);
  return openSync(path, 'a');
}

/** Whole lines alone: a torn one was never acknowledged. Without it a group reads again what it had read. */
function readLines(path: string): Line[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .flatMap(parseLine);
}

function parseLine(line: string): Line[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
