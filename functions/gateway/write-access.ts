import type { Access } from '../shared/handlers/access.ts';
import type { HttpRequest } from '../shared/handlers/http-handler.ts';
import { BUCKETS } from '../shared/topics.ts';
import { objectAddress, type ObjectAddress } from './object-address.ts';

/** Who may write the object that a request names, or get a URL to do so. @throws as objectAddress */
export function writeAccess(request: HttpRequest): Access {
  const address = objectAddress(request);
  if (isOfTheStages(address)) return 'nobody';
  return address.bucket === BUCKETS.dataset ? 'upload' : 'admin';
}

/** Folders of an identifier, or of one of its config_hashes, in which the stages agree on what they do. */
const STAGES_OWN = new Set(['status', 'pending', 'leases', 'checkpoints']);

/**
 * What nobody may write from outside, whatever token they have: pointers, the history of promotions and claims, leases,
 * checkpoints and status objects. Whoever could, could promote any model, or stop all promotions.
 */
function isOfTheStages({ bucket, key }: ObjectAddress): boolean {
  if (bucket === BUCKETS.promotion) return true;
  const [, ...folders] = key.split('/').slice(0, -1);
  return bucket === BUCKETS.processed && folders.some((folder) => STAGES_OWN.has(folder));
}
