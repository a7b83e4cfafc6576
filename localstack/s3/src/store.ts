// Opens a server's directory: takes its lock, clears what an earlier run left half-done, loads what is there.
import { resolve } from 'node:path';
import type { Credentials } from './credentials.ts';
import { S3ServerError } from './errors.ts';
import type { Log } from './log.ts';
import { Delivery } from './notifications/delivery.ts';
import { changeHappened, Notifier } from './notifications/notifier.ts';
import { Spool, type SpoolEntry } from './notifications/spool.ts';
import type { NotificationTarget } from './notifications/target.ts';
import type { Services } from './operations/context.ts';
import { Buckets } from './storage/buckets.ts';
import { lockDirectory } from './storage/directory-lock.ts';
import { emptyDirectory } from './storage/durable.ts';
import { createLayout, type Layout } from './storage/layout.ts';
import { ObjectStore } from './storage/objects.ts';
import { Sequencer } from './storage/sequencer.ts';
import { Uploads } from './storage/uploads.ts';

export interface StoreOptions {
  readonly directory: string;
  readonly targets: readonly NotificationTarget[];
  readonly credentials: Credentials;
  readonly now: () => Date;
  readonly log: Log;
}

export interface Store {
  readonly services: Services;
  /** Begins to deliver what the spool holds. */
  startDelivery(): void;
  /** Refuses new requests and stops long copies. */
  beginClose(): void;
  close(): Promise<void>;
}

/** @throws S3ServerError DIRECTORY_LOCKED, BAD_OPTION */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { targets, log } = options;
  const targetArns = new Set(targets.map((target) => target.arn));
  if (targetArns.size < targets.length) {
    throw new S3ServerError('BAD_OPTION', 'expected a different arn for each target');
  }
  const layout = await createLayout(resolve(options.directory));
  const lock = await lockDirectory(layout.root);
  try {
    const { buckets, uploads, sequencer, spool, pending } = await load(layout, options);
    const delivery = new Delivery({ targets, spool, log });
    const events = new Notifier(spool, (entry) => delivery.enqueue(entry));
    const objects = new ObjectStore({ buckets, sequencer, now: options.now, events });
    let closing = false;
    return {
      services: {
        buckets,
        objects,
        uploads,
        temporaryDirectory: layout.temporary,
        targetArns,
        accessKeyId: options.credentials.accessKeyId,
        now: options.now,
        closing: () => closing,
      },
      startDelivery: () => pending.forEach((entry) => delivery.enqueue(entry)),
      beginClose: () => void (closing = true),
      close: async () => {
        closing = true;
        for (const part of [uploads, objects, buckets]) await part.close();
        await delivery.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Loaded {
  readonly buckets: Buckets;
  readonly uploads: Uploads;
  readonly sequencer: Sequencer;
  readonly spool: Spool;
  /** Notifications that an earlier run did not deliver. */
  readonly pending: readonly SpoolEntry[];
}

async function load(layout: Layout, { now, log }: StoreOptions): Promise<Loaded> {
  await emptyDirectory(layout.temporary);
  const buckets = await Buckets.load(layout, now, log);
  const uploads = new Uploads(layout);
  await removeCompleted(uploads, buckets);
  const spool = new Spool(layout.spool, layout.temporary);
  const pending = await spool.load((entry) => changeHappened(entry, sequencerOf(buckets, entry)));
  const sequencer = new Sequencer(now);
  seeNumbers(sequencer, buckets, pending);
  return { buckets, uploads, sequencer, spool, pending };
}

/** A crash may come between an object's appearance and the removal of the upload it was made of. */
async function removeCompleted(uploads: Uploads, buckets: Buckets): Promise<void> {
  for (const { uploadId, bucket, key } of await uploads.all()) {
    if (buckets.find(bucket)?.index.get(key)?.uploadId === uploadId) await uploads.remove(uploadId);
  }
}

function sequencerOf(buckets: Buckets, { message }: SpoolEntry): string | undefined {
  return buckets.find(message.bucket)?.index.get(message.key)?.sequencer;
}

function seeNumbers(sequencer: Sequencer, buckets: Buckets, pending: readonly SpoolEntry[]): void {
  for (const { index } of buckets.all()) for (const meta of index.all()) sequencer.seen(meta.sequencer);
  for (const entry of pending) sequencer.seen(entry.sequencer);
}
