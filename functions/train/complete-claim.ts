import { DataError } from '../shared/errors.ts';
import { datasetMeta } from '../shared/dataset/meta.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { contentHash } from '../shared/hash.ts';
import { settingsForRows } from '../shared/runs/model-types.ts';
import type { ClaimSettings } from '../shared/settings/settings.ts';
import type { Storage } from '../shared/storage/storage.ts';

/**
 * A claim that a user publishes needs `bucket` and `object` (the train.parquet) alone: the rest comes from the
 * meta.json beside it, from the record and from `settings`.
 * @throws DataError object_not_found, naming what is missing
 */
export async function completeTrainingClaim(
  message: Record<string, unknown>,
  delivery: Delivery,
  { storage, settings }: { storage: Storage; settings: ClaimSettings },
): Promise<Record<string, unknown>> {
  const { bucket, object } = message;
  const complete = typeof message['claim_id'] === 'string' && typeof message['meta_object'] === 'string';
  if (complete || typeof bucket !== 'string' || typeof object !== 'string') return message;
  const folder = object.slice(0, object.lastIndexOf('/') + 1);
  const metaObject = `${folder}meta.json`;
  const stored = await storage.getJson(bucket, metaObject, datasetMeta);
  const info = await storage.head(bucket, object);
  if (stored === undefined || info === undefined) {
    const missing = info === undefined ? object : metaObject;
    throw new DataError('object_not_found', `expected an object at ${bucket}/${missing}, got none`);
  }
  const { topic, partition, offset } = delivery;
  return {
    v: 1,
    identifier: stored.value.identifier,
    config_hash: stored.value.config_hash,
    claim_id: contentHash({ bucket, object, topic, partition, offset }),
    claimed_at: new Date(delivery.timestamp).toISOString(),
    produced_at: new Date(delivery.timestamp).toISOString(),
    size: info.size,
    test_object: `${folder}test.parquet`,
    meta_object: metaObject,
    settings: settingsForRows(settings, stored.value),
    ...message,
  };
}
