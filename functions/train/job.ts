import type { ModelType } from '@flts/model-runtime';
import { handOn } from '../shared/claims.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { ModelTraining, TrainingClaim } from '../shared/messages/schema.ts';
import { EVALUATION_HASH_TAG, trainingKey } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import { writeStatus, type StageStatus } from '../shared/status.ts';
import { TOPICS } from '../shared/topics.ts';
import type { Run } from '../shared/tracking/tracking.ts';

/** One claim in the hands of one trainer. */
export interface Job {
  readonly claim: TrainingClaim;
  readonly modelType: ModelType;
  /** The training_key: equal keys give equal models. */
  readonly key: string;
  readonly correlationId: string;
  /** Milliseconds until the function's time-out. */
  readonly remainingMs: () => number;
  readonly services: Services;
}

export function createJob(
  claim: TrainingClaim,
  { correlationId, remainingMs }: Delivery,
  modelType: ModelType,
  services: Services,
): Job {
  const { identifier, config_hash: configHash, settings, claim_id: claimId } = claim;
  const forced = settings.FORCE_RETRAIN ? { claimId } : {};
  const key = trainingKey({ identifier, configHash, modelType, settings, ...forced });
  return { claim, modelType, key, correlationId, remainingMs, services };
}

/** Says that training has begun, in /status and to the evaluator. */
export async function reportStarted(job: Job, run: Run): Promise<void> {
  const { services, modelType } = job;
  services.log.info({ event: 'training_started', ...logged(job, run) });
  // How many epochs there are is told by the first: PROPHET counts its targets.
  await writeStatus(services.storage, statusOf(job, { state: 'RUNNING', run_id: run.runId, epoch: 0 }));
  await publish(job, run, { operation: `Training Started: ${modelType}`, status: 'RUNNING' });
}

/** Says that the claim has its model; `reused`: one that was there already. */
export async function reportSuccess(job: Job, run: Run, reused: boolean): Promise<void> {
  const { services, modelType } = job;
  await publish(job, run, { operation: `Trained: ${modelType}`, status: 'SUCCESS' });
  await writeStatus(services.storage, statusOf(job, { state: 'SUCCESS', run_id: run.runId, reused }));
  services.log.info({ event: 'training_finished', ...logged(job, run), reused });
}

/** A status of this stage, as of now. */
export function statusOf(
  { claim, modelType, services }: Job,
  fields: Partial<StageStatus> & Pick<StageStatus, 'state'>,
): StageStatus {
  const { identifier, claim_id, claimed_at, config_hash } = claim;
  return {
    identifier,
    claim_id,
    claimed_at,
    config_hash,
    stage: 'train',
    model_type: modelType,
    updated_at: new Date(services.now()).toISOString(),
    ...fields,
  };
}

async function publish(
  { claim, modelType, key, correlationId, services }: Job,
  run: Run,
  outcome: Pick<ModelTraining, 'operation' | 'status'>,
): Promise<void> {
  const evaluation = run.tags[EVALUATION_HASH_TAG];
  const message: ModelTraining = {
    ...handOn(claim, services.now()),
    experiment: claim.identifier,
    run_name: modelType,
    model_type: modelType,
    training_key: key,
    settings: claim.settings,
    run_id: run.runId,
    ...(evaluation === undefined ? {} : { evaluation_hash: evaluation }),
    ...outcome,
  };
  await services.publisher.publish(TOPICS.modelTraining, message, correlationId);
}

function logged({ claim, modelType }: Job, run: Run): Record<string, string> {
  const { identifier, claim_id } = claim;
  return { identifier, claim_id, model_type: modelType, run_id: run.runId };
}
