import { claimIdOfUpload } from '../../shared/claims.ts';
import type { Upload } from '../../shared/handlers/s3-handler.ts';
import { silentLog } from '../../shared/log.ts';
import { createMemoryPublisher } from '../../shared/messages/memory-publisher.ts';
import type { Services } from '../../shared/services.ts';
import { stageStatus, statusPrefix, type StageStatus } from '../../shared/status.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { HOUR_MS, START } from '../../shared/testing/tables.ts';
import { createMemoryTracking } from '../../shared/tracking/memory-tracking.ts';
import type { Environment } from '../configuration.ts';
import { preprocess } from '../preprocess.ts';

/** A CSV file of `rows` hourly rows with the columns load and flow, from `start` (epoch ms). */
export function hourlyCsv(rows: number, start = START): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const hour = (start - START) / HOUR_MS + row;
    const load = 100 + (hour % 24) * 2 + ((hour * 7) % 5);
    return `${new Date(start + row * HOUR_MS).toISOString()},${load},${(hour * 13) % 17}`;
  });
  return ['time,load,flow', ...lines].join('\n') + '\n';
}

/** The stage over a storage and a publisher in memory; `wrap` may stand between the stage and the storage. */
export function createStage(wrap: (storage: Storage) => Storage = (storage) => storage) {
  let time = Date.UTC(2020, 0, 1);
  const now = (): number => (time += 1000);
  const storage = createMemoryStorage(now);
  const publisher = createMemoryPublisher();
  const tracking = createMemoryTracking();
  // Time goes by in S3: the stage is too fast for a word of progress in between.
  const services: Services = { storage: wrap(storage), publisher, tracking, log: silentLog, now: () => time };
  return {
    storage,
    publisher,
    services,
    put: (key: string, body: string | Uint8Array) => putUpload(storage, key, body),
    status: (identifier: string, upload: Upload) => readStatus(storage, identifier, upload),
    run: (upload: Upload, environment: Environment = {}) => preprocess(upload, services, environment),
  };
}

/** Stores an object of the bucket dataset; the upload that its notification would make. */
async function putUpload(storage: Storage, key: string, body: string | Uint8Array): Promise<Upload> {
  const bucket = BUCKETS.dataset;
  const stored = await storage.put(bucket, key, body);
  if (!stored.written) throw new Error(`expected ${key} to be written`);
  const etag = stored.etag.replaceAll('"', '');
  return {
    bucket,
    key,
    etag,
    size: body.length,
    claimId: claimIdOfUpload({ bucket, key, etag, sequencer: `${stored.serverTime}` }),
    claimedAt: new Date(stored.serverTime).toISOString(),
    remainingMs: () => 60_000,
  };
}

async function readStatus(
  storage: Storage,
  identifier: string,
  { claimId }: Upload,
): Promise<StageStatus | undefined> {
  const key = `${statusPrefix(identifier, claimId)}preprocess.json`;
  return (await storage.getJson(BUCKETS.processed, key, stageStatus))?.value;
}

export type Stage = ReturnType<typeof createStage>;
