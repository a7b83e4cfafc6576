import { handOn } from '../shared/claims.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import type { HandedOn, Lease } from './lease.ts';
import type { Job } from './job.ts';

/** Time that a pause is left for its checkpoint, and the end of a training for scores and artifacts. */
const MOST_MARGIN_MS = 15_000;
const MARGIN_SHARE = 1 / 4;

/** When training has to pause, so that the function ends in time. */
export function pauseAfterMs(remainingMs: number): number {
  return Math.max(0, remainingMs - Math.min(MOST_MARGIN_MS, remainingMs * MARGIN_SHARE));
}

/** Every trainer sees every continuation; one is meant. */
export function isForAnother({ continuation }: TrainingClaim, modelType: string): boolean {
  return continuation !== undefined && continuation.model_type !== modelType;
}

/** A record that comes again after it was handed on: what it was handed on to is on its way, or has been here. */
export function isHandedOn({ claim_id, continuation }: TrainingClaim, last: HandedOn | undefined): boolean {
  return last?.claim_id === claim_id && (continuation?.count ?? 0) < last.count;
}

/** Publishes the claim once more, for this trainer alone, and lets whoever gets it begin at once. */
export async function continueLater(job: Job, lease: Lease, runId: string): Promise<void> {
  const { claim, modelType, correlationId, services } = job;
  const count = (claim.continuation?.count ?? 0) + 1;
  const message = {
    ...claim,
    ...handOn(claim, services.now()),
    continuation: { model_type: modelType, count },
  };
  await services.publisher.publish(TOPICS.trainingData, message, correlationId);
  await lease.release(runId, { claim_id: claim.claim_id, count });
  const { identifier, claim_id } = claim;
  services.log.info({
    event: 'training_continues',
    identifier,
    claim_id,
    model_type: modelType,
    run_id: runId,
    count,
  });
}
