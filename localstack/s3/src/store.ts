// Opens a server's directory: takes its lock, clears what an earlier run left half-done, loads what is there.
import { resolve } from 'node:path';
import type { Credentials } from './credentials.ts';
import { S3ServerError } from './errors.ts';
import type { Log } from './log.ts';
import { Dispatcher } from './notifications/dispatcher.ts';
import { changeHappened, Notifier } from './notifications/notifier.ts';
import { Spool, type SpoolEntry } from './notifications/spool.ts';
import type { NotificationTarget } from './notifications/target.ts';
import type { Services } from './operations/context.ts';
import { Buckets } from './storage/buckets.ts';
import { lockDirectory } from './storage/directory-lock.ts';
import { emptyDirectory } from './storage/durable.ts';
import { createLayout } from './storage/layout.ts';
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

const DELIVERY_GRACE_MS = 200;

/** @throws S3ServerError DIRECTORY_LOCKED, BAD_OPTION */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { targets, now, log } = options;
  const targetArns = new Set(targets.map((target) => target.arn));
  if (targetArns.size < targets.length)
    throw new S3ServerError('BAD_OPTION', 'expected a different arn for each target');
  const layout = await createLayout(resolve(options.directory));
  const lock = await lockDirectory(layout.root);
  try {
    await emptyDirectory(layout.temporary);
    const sequencer = new Sequencer(now);
    const buckets = await Buckets.load(layout, now, log);
    const uploads = new Uploads(layout);
    await removeCompleted(uploads, buckets);
    const spool = new Spool(layout.spool, layout.temporary);
    const pending = await spool.load((entry) => changeHappened(entry, sequencerOf(buckets, entry)));
    seeNumbers(sequencer, buckets, pending);
    const delivery = createDelivery({ targets, spool, log });
    const objects = new ObjectStore({
      buckets,
      sequencer,
      now,
      events: new Notifier(spool, delivery.enqueue),
    });
    let closing = false;
    const services: Services = {
      buckets,
      objects,
      uploads,
      temporaryDirectory: layout.temporary,
      targetArns,
      accessKeyId: options.credentials.accessKeyId,
      now,
      closing: () => closing,
    };
    return {
      services,
      startDelivery: () => pending.forEach(delivery.enqueue),
      beginClose: () => {
        closing = true;
      },
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

interface DeliveryOptions {
  readonly targets: readonly NotificationTarget[];
  readonly spool: Spool;
  readonly log: Log;
}

interface Delivery {
  readonly enqueue: (entry: SpoolEntry) => void;
  readonly close: () => Promise<void>;
}

/** A dispatcher a target. What is for a target that this server does not have waits in the spool for one that has. */
function createDelivery({ targets, spool, log }: DeliveryOptions): Delivery {
  const delivered = (entry: SpoolEntry): Promise<void> => spool.remove(entry);
  const dispatchers = new Map(
    targets.map((target) => [target.arn, new Dispatcher({ target, delivered, log })] as const),
  );
  const missing = new Set<string>();
  return {
    enqueue: (entry) => {
      const dispatcher = dispatchers.get(entry.arn);
      dispatcher?.enqueue(entry);
      if (dispatcher !== undefined || missing.has(entry.arn)) return;
      missing.add(entry.arn);
      log({
        level: 'warn',
        code: 'TARGET_MISSING',
        message: `notifications for ${entry.arn} wait: no such target was given`,
      });
    },
    close: async () => {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.close(DELIVERY_GRACE_MS)));
      await Promise.race([Promise.allSettled(targets.map(async (target) => target.close?.())), afterGrace()]);
    },
  };
}

async function afterGrace(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, DELIVERY_GRACE_MS).unref());
}
