import { datasetObject } from '../shared/claims.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { toUpload } from '../shared/handlers/s3-handler.ts';
import { claim, notifications, type Claim } from './schema.ts';

/** The claims of the uploads that a notification tells of. @throws where it is none, or its keys cannot be decoded */
export function uploadClaims(message: Record<string, unknown>, { remainingMs }: Delivery): Claim[] {
  return notifications.parse(message).Records.map((record) => {
    const { key, claimId, claimedAt } = toUpload(record, { getRemainingTimeInMillis: remainingMs });
    const { identifier } = datasetObject(key);
    return claim.parse({ identifier, claim_id: claimId, claimed_at: claimedAt });
  });
}
