import type { Series } from '@flts/model-runtime';
import { DataError } from '../errors.ts';
import { metaKey, testKey, trainKey } from '../keys.ts';
import type { Storage } from '../storage/storage.ts';
import { BUCKETS } from '../topics.ts';
import { datasetMeta, type DatasetMeta } from './meta.ts';
import { readSeries } from './reader.ts';

/** @throws DataError object_not_found where the dataset was never completed or is gone */
export async function loadMeta(
  storage: Storage,
  identifier: string,
  configHash: string,
): Promise<DatasetMeta> {
  const key = metaKey(identifier, configHash);
  const stored = await storage.getJson(BUCKETS.processed, key, datasetMeta);
  if (stored === undefined)
    throw new DataError(
      'object_not_found',
      `expected a processed dataset at ${BUCKETS.processed}/${key}, got none`,
    );
  return stored.value;
}

/** train.parquet followed by test.parquet as one series, whose row numbers meta.segments counts. */
export async function loadDataset(
  storage: Storage,
  identifier: string,
  configHash: string,
): Promise<{ meta: DatasetMeta; series: Series }> {
  const meta = await loadMeta(storage, identifier, configHash);
  const objects = [trainKey(identifier, configHash), testKey(identifier, configHash)].map((key) => ({
    bucket: BUCKETS.processed,
    key,
  }));
  return { meta, series: await readSeries(storage, objects, meta.roles) };
}
