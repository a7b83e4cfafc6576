import { readdir, rename, rm } from 'node:fs/promises';
import { S3Error } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Bucket, createBucketDirectory, loadBucket, requireBucketName } from './bucket.ts';
import { syncDirectory, temporaryPath } from './durable.ts';
import { KeyLock } from './key-lock.ts';
import { compareKeys } from './key-order.ts';
import type { Layout } from './layout.ts';

/** The buckets of a server's directory. */
export class Buckets {
  readonly #layout: Layout;
  readonly #now: () => Date;
  readonly #buckets = new Map<string, Bucket>();
  readonly #lock = new KeyLock();

  private constructor(layout: Layout, now: () => Date) {
    this.#layout = layout;
    this.#now = now;
  }

  static async load(layout: Layout, now: () => Date, log: Log): Promise<Buckets> {
    const buckets = new Buckets(layout, now);
    for (const name of await readdir(layout.buckets))
      buckets.#buckets.set(name, await loadBucket(name, layout, log));
    return buckets;
  }

  /** In the order of their names. */
  all(): Bucket[] {
    return [...this.#buckets.values()].sort((left, right) => compareKeys(left.name, right.name));
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** @throws S3Error NoSuchBucket */
  require(name: string | undefined): Bucket {
    const bucket = name === undefined ? undefined : this.#buckets.get(name);
    if (bucket === undefined)
      throw new S3Error('NoSuchBucket', `The bucket ${JSON.stringify(name)} does not exist.`);
    return bucket;
  }

  /** @throws S3Error BucketAlreadyOwnedByYou, InvalidBucketName */
  async create(name: string): Promise<void> {
    requireBucketName(name);
    await this.#lock.run(name, async () => {
      if (this.#buckets.has(name)) throw new S3Error('BucketAlreadyOwnedByYou');
      this.#buckets.set(name, await createBucketDirectory(name, this.#now().getTime(), this.#layout));
    });
  }

  /** @throws S3Error NoSuchBucket, BucketNotEmpty */
  async remove(name: string | undefined): Promise<void> {
    const { name: found } = this.require(name);
    await this.#lock.run(found, async () => {
      const bucket = this.require(found);
      if (bucket.index.size > 0 || bucket.changing > 0) throw new S3Error('BucketNotEmpty');
      this.#buckets.delete(found);
      const aside = temporaryPath(this.#layout.temporary);
      await rename(bucket.directory, aside);
      await syncDirectory(this.#layout.buckets);
      await rm(aside, { recursive: true, force: true });
    });
  }

  /** Configurations of one bucket are written one after the other. */
  async change(name: string | undefined, task: (bucket: Bucket) => Promise<void>): Promise<void> {
    const { name: found } = this.require(name);
    await this.#lock.run(found, () => task(this.require(found)));
  }

  /** Takes no further change and waits for those under way. */
  async close(): Promise<void> {
    await this.#lock.close();
  }
}
