import { datasetObject, isDataFile } from '../claims.ts';
import type { ObjectInfo, Storage } from '../storage/storage.ts';
import { BUCKETS } from '../topics.ts';

/** A data file may come as CSV, JSON lines or Parquet, packed or not: each has another name. */
export interface WantedUpload {
  readonly identifier: string;
  readonly kind: 'train' | 'test';
  /** The name to be taken where another was written at the same time: S3 keeps whole seconds. */
  readonly preferred?: string | undefined;
}

/** The newest object that is this data file, whatever its format; undefined where there is none. */
export async function newestUpload(storage: Storage, wanted: WantedUpload): Promise<ObjectInfo | undefined> {
  const { identifier, kind, preferred } = wanted;
  const prefix = kind === 'test' ? `${identifier}_test.` : `${identifier}.`;
  let newest: ObjectInfo | undefined;
  for await (const object of storage.list(BUCKETS.dataset, prefix)) {
    const found = datasetObject(object.key);
    if (!isDataFile(object.key) || found.identifier !== identifier || found.kind !== kind) continue;
    const at = object.lastModified - (newest?.lastModified ?? Number.NEGATIVE_INFINITY);
    if (at > 0 || (at === 0 && object.key === preferred)) newest = object;
  }
  return newest;
}
