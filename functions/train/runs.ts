import { earliestComplete } from '../shared/runs/manifest.ts';
import type { EvaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { EVALUATION_HASH_TAG, TRAINING_KEY_TAG } from '../shared/runs/training-key.ts';
import type { Run, RunStatus } from '../shared/tracking/tracking.ts';
import type { Job } from './job.ts';

/** The run that every claim of the training_key shares, where there is one. */
export async function findFinished(job: Job, experimentId: string): Promise<Run | undefined> {
  return earliestComplete(job.services.tracking, await runsOf(job, experimentId, 'FINISHED'));
}

/**
 * We hold the lease: whoever left a run of this key RUNNING is dead. The one that a checkpoint belongs to is taken up, the
 * others are KILLED.
 */
export async function takeUpAbandoned(
  job: Job,
  experimentId: string,
  checkpointRunId: string | undefined,
): Promise<Run | undefined> {
  const { tracking, now } = job.services;
  const abandoned = await runsOf(job, experimentId, 'RUNNING');
  for (const { runId } of abandoned)
    if (runId !== checkpointRunId) await tracking.setStatus(runId, 'KILLED', now());
  return abandoned.find(({ runId }) => runId === checkpointRunId);
}

export function startRun(
  { claim, modelType, key, services }: Job,
  experimentId: string,
  plan: EvaluationPlan,
): Promise<Run> {
  const tags = {
    [TRAINING_KEY_TAG]: key,
    [EVALUATION_HASH_TAG]: plan.hash,
    'flts.config_hash': claim.config_hash,
    'flts.model_type': modelType,
  };
  return services.tracking.createRun({ experimentId, runName: modelType, startTime: services.now(), tags });
}

function runsOf({ services, key }: Job, experimentId: string, status: RunStatus): Promise<Run[]> {
  return services.tracking.findRuns(experimentId, { key: TRAINING_KEY_TAG, value: key }, status);
}
