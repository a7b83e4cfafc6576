import { join } from 'node:path';
import { datasetObject } from '../../shared/claims.ts';
import { newestUpload } from '../../shared/dataset/newest-upload.ts';
import { ServiceError } from '../../shared/errors.ts';
import type { ObjectInfo, Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';
import type { Encoding } from './decode.ts';
import { download, type Download } from './download.ts';
import { claimTrainingFile, type ClaimedUpload } from './uploads.ts';

/** How often the files are read anew where one of them changes meanwhile. */
const READS = 5;

export interface Sources {
  readonly train: Download;
  readonly test: Download | undefined;
}

/**
 * Reads the training file and, where there is one, the test file, as they are at one moment: where one has changed
 * once both are read, or another has come in its place, reading starts again.
 * @throws ServiceError object_changed where they never stand still; DataError as download()
 */
export async function fetchSources(
  storage: Storage,
  claim: ClaimedUpload,
  { folder, encoding }: { readonly folder: string; readonly encoding: Encoding | '' },
): Promise<Sources> {
  const { identifier, key } = claim;
  const isTrain = datasetObject(key).kind === 'train';
  const bucket = BUCKETS.dataset;
  let trainKey = isTrain ? key : `${identifier}.csv`;
  for (let read = 1; read <= READS; read += 1) {
    const claimed = await claimTrainingFile(storage, claim);
    trainKey = claimed?.key ?? trainKey;
    const train = await download(storage, { bucket, key: trainKey }, join(folder, 'train'), encoding);
    const found = await newestUpload(storage, { identifier, kind: 'test', preferred: key });
    const test =
      found && (await download(storage, { bucket, key: found.key }, join(folder, 'test'), encoding));
    const trainNow = await newestUpload(storage, { identifier, kind: 'train', preferred: trainKey });
    const testNow = await newestUpload(storage, { identifier, kind: 'test', preferred: found?.key });
    const stands = claimed?.etag === train.etag && isSame(train, trainNow);
    if (stands && isSame(test, testNow)) return { train, test };
  }
  throw new ServiceError(
    'object_changed',
    `expected ${bucket}/${trainKey} and its test file to stand still while they are read, got other ETags ${READS} times`,
  );
}

function isSame(read: Download | undefined, now: ObjectInfo | undefined): boolean {
  return read?.key === now?.key && read?.etag === now?.etag;
}
