import { pendingPrefix } from '../shared/keys.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { pendingClaim, type PendingClaim } from './schema.ts';

/** Keeps a claim until there is a model for its identifier. The same claim is kept once. */
export async function keepPending(storage: Storage, pending: PendingClaim): Promise<void> {
  await storage.putJson(BUCKETS.processed, pendingKey(pending), pending);
}

/** The claims that wait for a model of `identifier`, in key order. */
export async function* pendingClaims(storage: Storage, identifier: string): AsyncIterable<PendingClaim> {
  for await (const { key } of storage.list(BUCKETS.processed, pendingPrefix(identifier))) {
    const stored = await storage.getJson(BUCKETS.processed, key, pendingClaim);
    if (stored !== undefined) yield stored.value;
  }
}

export async function forgetPending(storage: Storage, pending: PendingClaim): Promise<void> {
  await storage.delete(BUCKETS.processed, pendingKey(pending));
}

function pendingKey({ claim }: PendingClaim): string {
  return `${pendingPrefix(claim.identifier)}${claim.claim_id}.json`;
}
