import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Error, S3ServerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { NotificationRule } from '../notifications/configuration.ts';
import { syncDirectory, temporaryPath, writeFileDurably } from './durable.ts';
import { hasFields, readJsonFile } from './json-file.ts';
import { KeyIndex } from './key-index.ts';
import { type Layout, objectFileName } from './layout.ts';
import { readObjectMeta } from './object-file.ts';
import type { ObjectMeta } from './object-meta.ts';

interface BucketFile {
  readonly name: string;
  readonly createdAt: number;
  readonly notifications: readonly NotificationRule[];
}

/** A bucket in memory; its objects' bytes stay on disk. */
export class Bucket {
  readonly name: string;
  /** Milliseconds since 1970 */
  readonly createdAt: number;
  readonly directory: string;
  readonly index: KeyIndex;
  /** Changes under way: a bucket is only removed between them. */
  changing = 0;
  #notifications: readonly NotificationRule[];

  constructor(file: BucketFile, directory: string, index: KeyIndex) {
    this.name = file.name;
    this.createdAt = file.createdAt;
    this.directory = directory;
    this.index = index;
    this.#notifications = file.notifications;
  }

  get objectDirectory(): string {
    return join(this.directory, 'objects');
  }

  get notifications(): readonly NotificationRule[] {
    return this.#notifications;
  }

  objectPath(key: string): string {
    return join(this.objectDirectory, objectFileName(key));
  }

  async setNotifications(rules: readonly NotificationRule[], temporaryDirectory: string): Promise<void> {
    const file: BucketFile = { name: this.name, createdAt: this.createdAt, notifications: rules };
    await writeFileDurably(join(this.directory, 'bucket.json'), JSON.stringify(file), temporaryDirectory);
    this.#notifications = rules;
  }
}

/** Built aside, then renamed, so that a bucket without its file is never seen. */
export async function createBucketDirectory(
  name: string,
  createdAt: number,
  layout: Layout,
): Promise<Bucket> {
  const aside = temporaryPath(layout.temporary);
  await mkdir(join(aside, 'objects'), { recursive: true });
  const file: BucketFile = { name, createdAt, notifications: [] };
  await writeFileDurably(join(aside, 'bucket.json'), JSON.stringify(file), layout.temporary);
  const directory = join(layout.buckets, name);
  await rename(aside, directory);
  await syncDirectory(layout.buckets);
  return new Bucket(file, directory, new KeyIndex());
}

export async function loadBucket(name: string, layout: Layout, log: Log): Promise<Bucket> {
  const directory = join(layout.buckets, name);
  const file = await readJsonFile(join(directory, 'bucket.json'), isBucketFile);
  return new Bucket(file, directory, new KeyIndex(await loadMetas(join(directory, 'objects'), log)));
}

const FILES_AT_ONCE = 16;

async function loadMetas(objects: string, log: Log): Promise<ObjectMeta[]> {
  const files = (await readdir(objects)).values();
  const metas: ObjectMeta[] = [];
  const load = async (): Promise<void> => {
    for (const file of files) {
      const meta = await loadMeta(join(objects, file), log);
      if (meta !== undefined) metas.push(meta);
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, load));
  return metas;
}

/** One damaged file must not keep all others from being served. */
async function loadMeta(path: string, log: Log): Promise<ObjectMeta | undefined> {
  try {
    return await readObjectMeta(path);
  } catch (cause) {
    if (!(cause instanceof S3ServerError)) throw cause;
    log({ level: 'error', code: cause.code, message: `${cause.message}; it is left out`, cause });
    return undefined;
  }
}

function isBucketFile(value: unknown): value is BucketFile {
  return (
    hasFields(value, ['name'], ['createdAt']) &&
    'notifications' in value &&
    Array.isArray(value.notifications)
  );
}

/** S3's rules for names; they also make a name safe as a directory. @throws S3Error InvalidBucketName */
export function requireBucketName(name: string): void {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name);
  if (!wellFormed || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    throw new S3Error(
      'InvalidBucketName',
      `expected 3 to 63 of a-z, 0-9, dot and hyphen, no dot beside another or a hyphen, got ${JSON.stringify(name)}`,
    );
  }
}
