import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CODES } from '../errors.ts';
import { openPartitionLog, type PartitionLog } from './partition-log.ts';
import { createProducerStates, type ProducerStates } from './producer-states.ts';

export interface Partition {
  readonly log: PartitionLog;
  readonly producers: ProducerStates;
}

export interface Topic {
  readonly name: string;
  readonly config: ReadonlyMap<string, string>;
  readonly partitions: readonly Partition[];
}

export interface TopicStore {
  names(): string[];
  get(name: string): Topic | undefined;
  partition(topic: string, index: number): Partition | undefined;
  /** The protocol's error code; 0 where it was created. */
  create(name: string, partitions: number, config?: Readonly<Record<string, string>>): number;
  /** Grows a topic to `count` partitions. */
  grow(name: string, count: number): number;
  delete(name: string): number;
  close(): void;
}

const LEGAL_NAME = /^[a-zA-Z0-9._-]{1,249}$/u;

interface Stored {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Topics in folders of their own, each with topic.json and a folder a partition. */
export function openTopicStore(directory: string): TopicStore {
  const root = join(directory, 'topics');
  mkdirSync(root, { recursive: true });
  const topics = new Map<string, { topic: Topic; folder: string }>();
  for (const entry of readdirSync(root)) {
    const folder = join(root, entry);
    const stored = readStored(folder);
    if (stored === undefined) rmSync(folder, { recursive: true, force: true });
    else topics.set(stored.name, { topic: openTopic(folder, stored), folder });
  }

  function create(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): number {
    if (!LEGAL_NAME.test(name) || name === '.' || name === '..') return CODES.INVALID_TOPIC;
    if (topics.has(name)) return CODES.TOPIC_ALREADY_EXISTS;
    if (partitions < 1) return CODES.INVALID_PARTITIONS;
    // Folders are never used twice: what a deleted topic of the same name left behind can not come back.
    const folder = join(root, `${name}-${randomUUID().slice(0, 8)}`);
    mkdirSync(folder, { recursive: true });
    const stored: Stored = { name, partitions, config };
    writeStored(folder, stored);
    topics.set(name, { topic: openTopic(folder, stored), folder });
    return CODES.NONE;
  }

  return {
    names: () => [...topics.keys()].toSorted(),
    get: (name) => topics.get(name)?.topic,
    partition: (name, index) => topics.get(name)?.topic.partitions[index],
    create,
    grow: (name, count) => {
      const found = topics.get(name);
      if (found === undefined) return CODES.UNKNOWN_TOPIC_OR_PARTITION;
      if (count <= found.topic.partitions.length) return CODES.INVALID_PARTITIONS;
      const stored: Stored = { name, partitions: count, config: Object.fromEntries(found.topic.config) };
      writeStored(found.folder, stored);
      const added = Array.from({ length: count - found.topic.partitions.length }, (_, index) =>
        openPartition(found.folder, found.topic.partitions.length + index),
      );
      topics.set(name, {
        topic: { ...found.topic, partitions: [...found.topic.partitions, ...added] },
        folder: found.folder,
      });
      return CODES.NONE;
    },
    delete: (name) => {
      const found = topics.get(name);
      if (found === undefined) return CODES.UNKNOWN_TOPIC_OR_PARTITION;
      topics.delete(name);
      // Without its topic.json the folder is swept away at the next start, should we die half-way.
      rmSync(join(found.folder, 'topic.json'));
      for (const { log } of found.topic.partitions) log.close();
      rmSync(found.folder, { recursive: true, force: true });
      return CODES.NONE;
    },
    close: () => {
      for (const { topic } of topics.values()) for (const { log } of topic.partitions) log.close();
    },
  };
}

function readStored(folder: string): Stored | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'topic.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function writeStored(folder: string, stored: Stored): void {
  const aside = join(folder, 'topic.json.tmp');
  writeFileSync(aside, JSON.stringify(stored));
  renameSync(aside, join(folder, 'topic.json'));
}

function openTopic(folder: string, { name, partitions, config }: Stored): Topic {
  return {
    name,
    config: new Map(Object.entries(config)),
    partitions: Array.from({ length: partitions }, (_, index) => openPartition(folder, index)),
  };
}

function openPartition(folder: string, index: number): Partition {
  const log = openPartitionLog(join(folder, String(index)));
  const producers = createProducerStates();
  for (const header of log.headers()) producers.record(header, header.baseOffset);
  return { log, producers };
}
