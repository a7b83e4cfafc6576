import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BrokerError, CODES } from '../errors.ts';
import { openPartitionLog, type PartitionLog } from './partition-log.ts';
import { invalidRetention, retentionOf } from './retention.ts';
import { createProducerStates, type ProducerStates } from './producer-states.ts';

export interface Partition {
  readonly log: PartitionLog;
  /** Whether it is compacted, and so takes no record without a key. */
  readonly compacts: boolean;
  /** Whether records may be deleted before their time. */
  readonly deletes: boolean;
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
  /** The error code that creating it would meet; 0 where there is none. */
  problem(name: string, partitions: number): number;
  /** The protocol's error code; 0 where it was created. */
  create(name: string, partitions: number, config?: Readonly<Record<string, string>>): number;
  /** Grows a topic to `count` partitions. */
  grow(name: string, count: number): number;
  delete(name: string): number;
  /** Deletes what topics no longer keep; to be called now and then. */
  retain(now: number): void;
  /** Compacts topics that ask for it, one partition after the other; to be called now and then, not twice at once. */
  compact(now: number): Promise<void>;
  close(): void;
}

export type Log = (event: Record<string, unknown>) => void;

/** Each partition holds a file open. */
const MAX_PARTITIONS = 1000;
const LEGAL_NAME = /^[a-zA-Z0-9._-]{1,249}$/u;

interface Stored {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Topics in folders of their own, each with topic.json and a folder a partition. */
export function openTopicStore(directory: string, log: Log): TopicStore {
  const root = join(directory, 'topics');
  mkdirSync(root, { recursive: true });
  const topics = new Map<string, { topic: Topic; folder: string }>();
  for (const entry of readdirSync(root)) {
    const folder = join(root, entry);
    const stored = readStored(folder);
    if (stored === undefined) rmSync(folder, { recursive: true, force: true });
    else topics.set(stored.name, { topic: openTopic(folder, stored, log), folder });
  }

  function problem(name: string, partitions: number): number {
    if (!LEGAL_NAME.test(name) || name === '.' || name === '..') return CODES.INVALID_TOPIC;
    if (topics.has(name)) return CODES.TOPIC_ALREADY_EXISTS;
    return partitions < 1 || partitions > MAX_PARTITIONS ? CODES.INVALID_PARTITIONS : CODES.NONE;
  }

  function create(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): number {
    const code = problem(name, partitions);
    if (code !== CODES.NONE) return code;
    if (invalidRetention(config) !== undefined) return CODES.INVALID_CONFIG;
    // Folders are never used twice: what a deleted topic of the same name left behind can not come back.
    const folder = join(root, `${name}-${randomUUID().slice(0, 8)}`);
    mkdirSync(folder, { recursive: true });
    const stored: Stored = { name, partitions, config };
    writeStored(folder, stored);
    topics.set(name, { topic: openTopic(folder, stored, log), folder });
    return CODES.NONE;
  }

  return {
    names: () => [...topics.keys()].toSorted(),
    get: (name) => topics.get(name)?.topic,
    partition: (name, index) => topics.get(name)?.topic.partitions[index],
    problem,
    create,
    grow: (name, count) => {
      const found = topics.get(name);
      if (found === undefined) return CODES.UNKNOWN_TOPIC_OR_PARTITION;
      if (count <= found.topic.partitions.length || count > MAX_PARTITIONS) return CODES.INVALID_PARTITIONS;
      const stored: Stored = { name, partitions: count, config: Object.fromEntries(found.topic.config) };
      writeStored(found.folder, stored);
      const added = Array.from({ length: count - found.topic.partitions.length }, (_, index) =>
        openPartition(found.folder, stored, { index: found.topic.partitions.length + index, log }),
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
    retain: (now) => {
      for (const { topic } of topics.values()) for (const each of topic.partitions) each.log.retain(now);
    },
    compact: async (now) => {
      for (const { topic } of topics.values())
        for (const [index, each] of topic.partitions.entries())
          await compactPartition(each.log, now, { topic: topic.name, partition: index }, log);
    },
    close: () => {
      for (const { topic } of topics.values()) for (const { log } of topic.partitions) log.close();
    },
  };
}

/** A disk that is full, for one, must not end the broker: the log stays as it was. */
async function compactPartition(
  log: PartitionLog,
  now: number,
  place: { topic: string; partition: number },
  tell: Log,
): Promise<void> {
  try {
    if (await log.compact(now)) tell({ level: 'info', event: 'log_compacted', ...place });
  } catch (cause) {
    tell({ level: 'error', event: 'compaction_failed', ...place, message: String(cause) });
  }
}

/** Undefined of a topic that was half-made or half-deleted. @throws BrokerError LOG_CORRUPT for a damaged one */
function readStored(folder: string): Stored | undefined {
  const path = join(folder, 'topic.json');
  if (!existsSync(path)) return undefined;
  try {
    const { name, partitions, config }: Stored = JSON.parse(readFileSync(path, 'utf8'));
    if (LEGAL_NAME.test(name) && Number.isInteger(partitions)) return { name, partitions, config };
  } catch (cause) {
    throw new BrokerError('LOG_CORRUPT', `expected the description of a topic in ${path}`, { cause });
  }
  throw new BrokerError('LOG_CORRUPT', `expected the description of a topic in ${path}, got another`);
}

function writeStored(folder: string, stored: Stored): void {
  const aside = join(folder, 'topic.json.tmp');
  writeFileSync(aside, JSON.stringify(stored), { flush: true });
  renameSync(aside, join(folder, 'topic.json'));
}

function openTopic(folder: string, stored: Stored, log: Log): Topic {
  return {
    name: stored.name,
    config: new Map(Object.entries(stored.config)),
    partitions: Array.from({ length: stored.partitions }, (_, index) =>
      openPartition(folder, stored, { index, log }),
    ),
  };
}

function openPartition(
  folder: string,
  { name: topic, config }: Stored,
  { index, log: tell }: { index: number; log: Log },
): Partition {
  const producers = createProducerStates();
  const retention = retentionOf(config);
  const log = openPartitionLog(join(folder, String(index)), retention, {
    found: (header) => producers.record(header, header.baseOffset),
    cut: (bytes, offset) =>
      tell({ level: 'warn', event: 'log_tail_cut', topic, partition: index, offset: String(offset), bytes }),
    keepsEmpty: (header) => producers.isRecent(header),
  });
  return { log, producers, compacts: retention.compacts, deletes: retention.deletes };
}
