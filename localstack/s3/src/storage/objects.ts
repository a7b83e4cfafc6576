// Objects become visible, change and vanish here, under their key's lock, together with the notifications of it.
import { rename } from 'node:fs/promises';
import { errnoOf, S3Error } from '../errors.ts';
import type { EventName } from '../notifications/configuration.ts';
import type { EventOrigin } from '../notifications/event-record.ts';
import type { ChangeEvents } from '../notifications/notifier.ts';
import type { Bucket } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import { checkWriteCondition, type WriteCondition } from './conditions.ts';
import { syncDirectory, unlinkIfPresent } from './durable.ts';
import { KeyLock } from './key-lock.ts';
import { objectBytes, openObjectFile, type ObjectFileWriter, type OpenObject } from './object-file.ts';
import type { ObjectMeta, Tag } from './object-meta.ts';
import type { Sequencer } from './sequencer.ts';

export interface ObjectStoreOptions {
  readonly buckets: Buckets;
  readonly sequencer: Sequencer;
  readonly now: () => Date;
  readonly events: ChangeEvents;
}

/** An object written aside, all known but its time and number. */
export interface PendingWrite {
  readonly bucket: string;
  readonly writer: ObjectFileWriter;
  readonly meta: Omit<ObjectMeta, 'sequencer' | 'lastModified'>;
  readonly condition: WriteCondition;
  readonly eventName: EventName;
  readonly origin: EventOrigin;
  /** Called under the lock: an answer instead of a write, where the write has happened already. */
  readonly already?: (current: ObjectMeta | undefined) => boolean;
}

export interface PendingRemoval {
  readonly bucket: string;
  readonly key: string;
  readonly condition: WriteCondition;
  readonly origin: EventOrigin;
}

/** Other tags of an object that stays as it is otherwise. */
export interface PendingTags {
  readonly bucket: string;
  readonly key: string;
  readonly tags: readonly Tag[];
  /** Takes the object's bytes over: they share a file with its metadata. */
  readonly writer: ObjectFileWriter;
  /** Throws where a long copy should stop. */
  readonly check: () => void;
}

export class ObjectStore {
  readonly #options: ObjectStoreOptions;
  readonly #lock = new KeyLock();

  constructor(options: ObjectStoreOptions) {
    this.#options = options;
  }

  /** @throws S3Error NoSuchBucket, NoSuchKey */
  head(bucketName: string, key: string): ObjectMeta {
    const meta = this.#options.buckets.require(bucketName).index.get(key);
    if (meta === undefined) throw new S3Error('NoSuchKey');
    return meta;
  }

  /** One version, complete, even if it is overwritten or removed while it is read. The caller closes the handle. */
  async open(bucketName: string, key: string): Promise<OpenObject> {
    const bucket = this.#options.buckets.require(bucketName);
    if (bucket.index.get(key) === undefined) throw new S3Error('NoSuchKey');
    try {
      return await openObjectFile(bucket.objectPath(key));
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') throw new S3Error('NoSuchKey', undefined, { cause });
      throw cause;
    }
  }

  /** Makes an object visible. The caller discards the writer where this throws. */
  async put(write: PendingWrite): Promise<ObjectMeta> {
    return this.#change(write.bucket, write.meta.key, async (bucket) => {
      const current = bucket.index.get(write.meta.key);
      if (current !== undefined && write.already?.(current) === true) return current;
      checkWriteCondition(current, write.condition);
      const meta: ObjectMeta = {
        ...write.meta,
        sequencer: this.#options.sequencer.next(),
        lastModified: this.#options.now().getTime(),
      };
      await write.writer.finish(meta);
      const { eventName, origin } = write;
      const { key, size, etag } = meta;
      const change = {
        bucket: bucket.name,
        key,
        eventName,
        sequencer: meta.sequencer,
        time: meta.lastModified,
        origin,
      };
      const events = await this.#options.events.prepare(
        { ...change, object: { size, etag } },
        bucket.notifications,
      );
      await events.guard(() => rename(write.writer.path, bucket.objectPath(key)));
      bucket.index.set(meta);
      await syncDirectory(bucket.objectDirectory);
      await events.commit();
      return meta;
    });
  }

  /**
   * The object's file is written anew and renamed, so that a crash leaves the old tags or the new ones. Time, number and
   * ETag stay, and nobody is notified. @throws S3Error NoSuchBucket, NoSuchKey
   */
  async setTags({ bucket: name, key, tags, writer, check }: PendingTags): Promise<void> {
    await this.#change(name, key, async (bucket) => {
      const object = await this.open(name, key);
      try {
        for await (const bytes of objectBytes(object)) {
          check();
          await writer.write(bytes);
        }
        const meta: ObjectMeta = { ...object.meta, tags };
        await writer.finish(meta);
        await rename(writer.path, bucket.objectPath(key));
        bucket.index.set(meta);
        await syncDirectory(bucket.objectDirectory);
      } finally {
        await object.handle.close();
      }
    });
  }

  /** Whether there was an object to remove. */
  async remove(removal: PendingRemoval): Promise<boolean> {
    const { key, condition, origin } = removal;
    return this.#change(removal.bucket, key, async (bucket) => {
      const current = bucket.index.get(key);
      checkWriteCondition(current, condition);
      if (current === undefined) return false;
      const sequencer = this.#options.sequencer.next();
      const time = this.#options.now().getTime();
      const change = {
        bucket: bucket.name,
        key,
        eventName: 'ObjectRemoved:Delete' as const,
        sequencer,
        time,
        origin,
      };
      const events = await this.#options.events.prepare(change, bucket.notifications);
      await events.guard(() => unlinkIfPresent(bucket.objectPath(key)));
      bucket.index.delete(key);
      await syncDirectory(bucket.objectDirectory);
      await events.commit();
      return true;
    });
  }

  /** Takes no further change and waits for those under way. */
  async close(): Promise<void> {
    await this.#lock.close();
  }

  async #change<T>(bucketName: string, key: string, task: (bucket: Bucket) => Promise<T>): Promise<T> {
    return this.#lock.run(`${bucketName}/${key}`, async () => {
      const bucket = this.#options.buckets.require(bucketName);
      bucket.changing += 1;
      try {
        return await task(bucket);
      } finally {
        bucket.changing -= 1;
      }
    });
  }
}
