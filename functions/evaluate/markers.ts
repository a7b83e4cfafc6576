import { z } from 'zod';
import { claimFolder, markerKey } from '../shared/keys.ts';
import { errorShape, type ModelTraining } from '../shared/messages/schema.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

/** What one trainer of a claim came to. */
export const marker = z.object({
  v: z.literal(1),
  model_type: z.string(),
  status: z.enum(['SUCCESS', 'FAILED']),
  run_id: z.string().nullable(),
  evaluation_hash: z.string().nullable(),
  error: errorShape.nullable(),
});
export type Marker = z.infer<typeof marker>;

/** Writes the marker once; a later SUCCESS replaces FAILED, nothing replaces SUCCESS. */
export async function mark(storage: Storage, message: ModelTraining): Promise<void> {
  const { identifier, config_hash, claim_id, model_type } = message;
  const key = markerKey(claimFolder(identifier, config_hash, claim_id), model_type);
  const body: Marker = {
    v: 1,
    model_type,
    status: message.status === 'SUCCESS' ? 'SUCCESS' : 'FAILED',
    run_id: message.run_id ?? null,
    evaluation_hash: message.evaluation_hash ?? null,
    error: message.error ?? null,
  };
  for (;;) {
    const first = await storage.putJson(BUCKETS.promotion, key, body, { ifNoneMatch: true });
    if (first.written) return;
    const current = await storage.getJson(BUCKETS.promotion, key, marker);
    if (current === undefined) continue;
    if (current.value.status === 'SUCCESS' || body.status === 'FAILED') return;
    const replaced = await storage.putJson(BUCKETS.promotion, key, body, { ifMatch: current.etag });
    if (replaced.written) return;
  }
}

/** The markers of the expected types that are there, in the order of `expected`. */
export async function readMarkers(
  storage: Storage,
  folder: string,
  expected: readonly string[],
): Promise<Marker[]> {
  const found = new Set<string>();
  for await (const { key } of storage.list(BUCKETS.promotion, `${folder}/`)) found.add(key);
  const markers: Marker[] = [];
  for (const type of expected) {
    const key = markerKey(folder, type);
    if (!found.has(key)) continue;
    const stored = await storage.getJson(BUCKETS.promotion, key, marker);
    if (stored !== undefined) markers.push(stored.value);
  }
  return markers;
}
