import { datasetMeta } from '../shared/dataset/meta.ts';
import { DataError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { contentHash } from '../shared/hash.ts';
import type { Services } from '../shared/services.ts';
import { GLOBAL_IDENTIFIER } from '../shared/topics.ts';

/** config_hash of a claim on an object that preprocess did not write. */
const UNPROCESSED = 'unprocessed';

/**
 * A claim that a user publishes needs `bucket` and `object` (or `object_key`) alone: the rest comes from the meta.json
 * beside the object, and from the record; the identifier is `global` only where there is no meta.json.
 * @throws DataError object_not_found; FltsError storage_unavailable, message_invalid (a meta.json that is none)
 */
export async function completeInferenceClaim(
  message: Record<string, unknown>,
  delivery: Delivery,
  { storage }: Services,
): Promise<Record<string, unknown>> {
  const { bucket, object = message['object_key'] } = message;
  const complete = typeof message['claim_id'] === 'string';
  if (complete || typeof bucket !== 'string' || typeof object !== 'string') return message;
  const info = await storage.head(bucket, object);
  if (info === undefined)
    throw new DataError('object_not_found', `expected an object at ${bucket}/${object}, got none`);
  const folder = object.split('/').slice(0, -1).join('/');
  const meta = await storage.getJson(bucket, `${folder}/meta.json`, datasetMeta);
  const { topic, partition, offset } = delivery;
  const at = new Date(delivery.timestamp).toISOString();
  return {
    v: 1,
    identifier: meta?.value.identifier ?? GLOBAL_IDENTIFIER,
    config_hash: meta?.value.config_hash ?? UNPROCESSED,
    claim_id: contentHash({ bucket, object, topic, partition, offset }),
    claimed_at: at,
    produced_at: at,
    size: info.size,
    operation: 'forecast',
    report_status: false,
    ...message,
    object,
    object_key: object,
  };
}
