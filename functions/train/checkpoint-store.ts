import { readCheckpoint, type CheckpointInfo } from '@flts/model-runtime';
import { describeError, FltsError } from '../shared/errors.ts';
import { checkpointKey } from '../shared/keys.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { Job } from './job.ts';

export interface StoredCheckpoint {
  readonly bytes: Uint8Array;
  readonly info: CheckpointInfo;
}

/** The one checkpoint of a training_key, in S3. */
export interface CheckpointStore {
  /** undefined where there is none, or a damaged one, which is told of and will be written over. */
  load(): Promise<StoredCheckpoint | undefined>;
  /**
   * In place of the one that load() or the last save() saw.
   * @throws FltsError checkpoint_superseded (retryable) where another trainer has written one since: this one has to stop
   */
  save(bytes: Uint8Array): Promise<void>;
  remove(): Promise<void>;
}

export function createCheckpointStore({ claim, key, services: { storage, log } }: Job): CheckpointStore {
  const path = checkpointKey(claim.identifier, claim.config_hash, key);
  let etag: string | undefined;
  return {
    load: async () => {
      const stored = await storage.get(BUCKETS.processed, path);
      etag = stored?.etag;
      if (stored === undefined) return undefined;
      try {
        return { bytes: stored.body, info: readCheckpoint(stored.body) };
      } catch (cause) {
        const place = `${BUCKETS.processed}/${path}`;
        log.warn({ event: 'checkpoint_ignored', place, error: describeError(cause) });
        return undefined;
      }
    },
    save: async (bytes) => {
      const condition = etag === undefined ? { ifNoneMatch: true as const } : { ifMatch: etag };
      const result = await storage.put(BUCKETS.processed, path, bytes, condition);
      if (result.written) {
        ({ etag } = result);
        return;
      }
      // A write whose answer was lost is sent again by the client, and then finds itself.
      const current = await storage.get(BUCKETS.processed, path);
      if (current === undefined || !Buffer.from(current.body).equals(bytes)) throw superseded(path);
      ({ etag } = current);
    },
    remove: () => storage.delete(BUCKETS.processed, path),
  };
}

function superseded(path: string): FltsError {
  return new FltsError(
    'checkpoint_superseded',
    `expected our own checkpoint at ${BUCKETS.processed}/${path}, got a rival's`,
    { retryable: true },
  );
}
