import { z } from 'zod';
import { datasetObject } from '../../shared/claims.ts';
import { DataError } from '../../shared/errors.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';

export interface DatasetUpload {
  readonly identifier: string;
  readonly kind: 'train' | 'test' | 'config';
}

/** What an uploaded key is. @throws DataError upload_unexpected, naming the key and what is expected */
export function datasetUpload({ bucket, key }: { bucket: string; key: string }): DatasetUpload {
  const { identifier, kind } = datasetObject(key);
  const known = kind === 'config' || key.endsWith('.csv');
  if (kind === 'other' || !known || identifier.includes('/'))
    throw new DataError(
      'upload_unexpected',
      `expected <identifier>.csv, <identifier>_test.csv or <identifier>.config.json (no slash in it), got ${bucket}/${key}`,
    );
  return { identifier, kind };
}

export const trainUploadKey = (identifier: string): string => `${identifier}.csv`;
export const testUploadKey = (identifier: string): string => `${identifier}_test.csv`;

/** Says for which ETag of the training file a claim is under way, and whose; see claimTrainingFile. */
const trainingFile = z.object({ etag: z.string(), claimed_at: z.string().default('') });
const trainingFileKey = (identifier: string): string => `${identifier}/status/training-file.json`;

/**
 * Says that a claim (of an upload at `claimedAt`) covers the training file as it is now; to be called before looking
 * for the test file, so that a test file which comes later finds it said. Returns the training file's ETag, undefined
 * where there is none.
 */
export async function claimTrainingFile(
  storage: Storage,
  identifier: string,
  claimedAt: string,
): Promise<string | undefined> {
  const stored = await storage.head(BUCKETS.dataset, trainUploadKey(identifier));
  if (stored !== undefined) {
    const body = { etag: stored.etag, claimed_at: claimedAt };
    await storage.putJson(BUCKETS.processed, trainingFileKey(identifier), body);
  }
  return stored?.etag;
}

/**
 * What the upload of a test file waits for; undefined where it starts the pipeline itself. Where its training file
 * is there but not claimed, that upload's notification is still to come, and will find the test file. Where it was
 * claimed by an upload after the test file's own, that claim has found it.
 */
export async function testUploadWaitsFor(
  storage: Storage,
  identifier: string,
  claimedAt: string,
): Promise<string | undefined> {
  const key = trainUploadKey(identifier);
  const train = await storage.head(BUCKETS.dataset, key);
  if (train === undefined) return `its training file ${BUCKETS.dataset}/${key}`;
  const claimed = await storage.getJson(BUCKETS.processed, trainingFileKey(identifier), trainingFile);
  const before = claimed?.value.etag === train.etag && claimed.value.claimed_at <= claimedAt;
  return before ? undefined : `the claim of ${BUCKETS.dataset}/${key}, which covers both files`;
}
