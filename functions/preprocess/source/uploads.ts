import { z } from 'zod';
import { datasetObject, isDataFile, reservedProblem } from '../../shared/claims.ts';
import { newestUpload } from '../../shared/dataset/newest-upload.ts';
import { DataError } from '../../shared/errors.ts';
import { identifierProblem } from '../../shared/keys.ts';
import type { ObjectInfo, Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';

export interface DatasetUpload {
  readonly identifier: string;
  readonly kind: 'train' | 'test' | 'config';
}

const EXPECTED_NAMES =
  '<identifier>.csv, .jsonl, .ndjson or .parquet (.csv.gz and the like too), <identifier>_test of the same, or <identifier>.config.json';

/** What an uploaded key is. @throws DataError upload_unexpected, naming the key and what is expected */
export function datasetUpload({ bucket, key }: { bucket: string; key: string }): DatasetUpload {
  const { identifier, kind } = datasetObject(key);
  const known = kind === 'config' || isDataFile(key);
  if (kind === 'other' || !known || identifier.includes('/'))
    throw new DataError(
      'upload_unexpected',
      `expected ${EXPECTED_NAMES} (no slash in it), got ${bucket}/${key}`,
    );
  const problem = identifierProblem(identifier) ?? reservedProblem(identifier);
  if (problem !== undefined) throw new DataError('upload_unexpected', `${problem} in ${bucket}/${key}`);
  return { identifier, kind };
}

/** Says for which training file, of which ETag, a claim is under way, and whose; see claimTrainingFile. */
const trainingFile = z.object({
  /** Not there where it was said when CSV was the only format. */
  key: z.string().optional(),
  etag: z.string(),
  claimed_at: z.string().default(''),
});
const trainingFileKey = (identifier: string): string => `${identifier}/status/training-file.json`;

/** The upload that a claim is of. */
export interface ClaimedUpload {
  readonly identifier: string;
  readonly claimed_at: string;
  /** Its key in the dataset bucket. */
  readonly key: string;
}

/**
 * Says that a claim covers the training file as it is now, which is the newest upload of that name in any format; to be called
 * before looking for the test file, so that a test file which comes later finds it said. Returns the training file, undefined
 * where there is none.
 */
export async function claimTrainingFile(
  storage: Storage,
  { identifier, claimed_at, key }: ClaimedUpload,
): Promise<ObjectInfo | undefined> {
  const claimed = await storage.getJson(BUCKETS.processed, trainingFileKey(identifier), trainingFile);
  const isTrain = datasetObject(key).kind === 'train';
  const preferred = isTrain ? key : claimed?.value.key;
  const stored = await newestUpload(storage, { identifier, kind: 'train', preferred });
  if (stored !== undefined) {
    const body = { key: stored.key, etag: stored.etag, claimed_at };
    await storage.putJson(BUCKETS.processed, trainingFileKey(identifier), body);
  }
  return stored;
}

/**
 * What the upload of a test file waits for; undefined where it starts the pipeline itself. Where its training file
 * is there but not claimed, that upload's notification is still to come, and will find the test file. Where it was
 * claimed by an upload after the test file's own, that claim has found it.
 */
export async function testUploadWaitsFor(
  storage: Storage,
  { identifier, claimed_at }: ClaimedUpload,
): Promise<string | undefined> {
  const claimed = await storage.getJson(BUCKETS.processed, trainingFileKey(identifier), trainingFile);
  const preferred = claimed?.value.key;
  const train = await newestUpload(storage, { identifier, kind: 'train', preferred });
  if (train === undefined) return `its training file ${BUCKETS.dataset}/${identifier}.csv`;
  const isClaimed = claimed?.value.etag === train.etag && (preferred ?? train.key) === train.key;
  if (isClaimed && claimed.value.claimed_at <= claimed_at) return undefined;
  return `the claim of ${BUCKETS.dataset}/${train.key}, which covers both files`;
}
