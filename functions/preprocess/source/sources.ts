import { join } from 'node:path';
import { ServiceError } from '../../shared/errors.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { download, type Download } from './download.ts';
import { claimTrainingFile, testUploadKey, trainUploadKey } from './uploads.ts';

/** How often the files are read anew where one of them changes meanwhile. */
const READS = 5;

export interface Sources {
  readonly train: Download;
  readonly test: Download | undefined;
}

/**
 * Reads the training file and, where there is one, the test file, as they are at one moment: where one has changed
 * once both are read, reading starts again.
 * @throws ServiceError object_changed where they never stand still; DataError as download()
 */
export async function fetchSources(
  storage: Storage,
  { identifier, claimed_at }: { readonly identifier: string; readonly claimed_at: string },
  folder: string,
): Promise<Sources> {
  const bucket = BUCKETS.dataset;
  const etagOf = async (key: string): Promise<string | undefined> => (await storage.head(bucket, key))?.etag;
  const [trainKey, testKey] = [trainUploadKey(identifier), testUploadKey(identifier)];
  for (let read = 1; read <= READS; read += 1) {
    const claimed = await claimTrainingFile(storage, identifier, claimed_at);
    const train = await download(storage, { bucket, key: trainKey }, join(folder, 'train.csv'));
    const hasTest = (await etagOf(testKey)) !== undefined;
    const test = hasTest
      ? await download(storage, { bucket, key: testKey }, join(folder, 'test.csv'))
      : undefined;
    const stands = claimed === train.etag && (await etagOf(trainKey)) === train.etag;
    if (stands && (await etagOf(testKey)) === test?.etag) return { train, test };
  }
  throw new ServiceError(
    'object_changed',
    `expected ${bucket}/${trainKey} and its test file to stand still while they are read, got other ETags ${READS} times`,
  );
}
