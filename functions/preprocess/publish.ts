import { handOn } from '../shared/claims.ts';
import { metaKey, testKey, trainKey } from '../shared/keys.ts';
import type { InferenceClaim, TrainingClaim } from '../shared/messages/schema.ts';
import type { Publisher } from '../shared/messages/publisher.ts';
import type { ClaimSettings } from '../shared/settings/settings.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';

export interface Claim {
  readonly identifier: string;
  readonly config_hash: string;
  readonly claim_id: string;
  readonly claimed_at: string;
}

export interface ClaimContent {
  /** Bytes of the stored files. */
  readonly sizes: { readonly train: number; readonly test: number };
  readonly settings: ClaimSettings;
}

/** Asks for training and for a forecast of the test rows. Equal but for produced_at each time it is called. */
export async function publishClaim(
  publisher: Publisher,
  claim: Claim,
  { sizes, settings }: ClaimContent,
  now: () => number,
): Promise<void> {
  const { identifier, config_hash: hash } = claim;
  const bucket = BUCKETS.processed;
  const training: TrainingClaim = {
    ...handOn(claim, now()),
    bucket,
    object: trainKey(identifier, hash),
    size: sizes.train,
    test_object: testKey(identifier, hash),
    meta_object: metaKey(identifier, hash),
    settings,
  };
  const inference: InferenceClaim = {
    ...handOn(claim, now()),
    bucket,
    object: testKey(identifier, hash),
    object_key: testKey(identifier, hash),
    size: sizes.test,
    operation: 'forecast',
  };
  await publisher.publish(TOPICS.trainingData, training, claim.claim_id);
  await publisher.publish(TOPICS.inferenceData, inference, claim.claim_id);
}
