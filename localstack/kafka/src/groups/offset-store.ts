import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface CommittedOffset {
  readonly offset: string;
  readonly metadata: string;
}

/** Committed offsets: an append-only file of JSON lines, rewritten at each start. */
export interface OffsetStore {
  get(group: string, topic: string, partition: number): CommittedOffset | undefined;
  commit(
    group: string,
    offsets: readonly { topic: string; partition: number; offset: string; metadata: string }[],
  ): void;
  topicsOf(group: string): ReadonlyMap<string, readonly number[]>;
  groups(): string[];
  deleteGroup(group: string): void;
  close(): void;
}

type Line =
  | { group: string; topic: string; partition: number; offset: string; metadata: string }
  | { group: string; deleted: true };

export function openOffsetStore(directory: string): OffsetStore {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'offsets.jsonl');
  const groups = new Map<string, Map<string, { topic: string; partition: number } & CommittedOffset>>();
  const apply = (line: Line): void => {
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
  const compacted = [...groups].flatMap(([group, offsets]) =>
    [...offsets.values()].map((offset) => JSON.stringify({ group, ...offset })),
  );
  writeFileSync(`${path}.tmp`, compacted.map((line) => `${line}\n`).join(''));
  renameSync(`${path}.tmp`, path);
  const file = openSync(path, 'a');
  const write = (lines: readonly Line[]): void => {
    writeSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (const line of lines) apply(line);
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
    close: () => closeSync(file),
  };
}

/** Whole lines alone: a torn last one was never acknowledged. */
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
    .map((line) => JSON.parse(line));
}
