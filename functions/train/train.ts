import { RuntimeError, type RuntimePool } from '@flts/model-runtime';
import { loadDataset } from '../shared/dataset/load.ts';
import { DataError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import { completeRun } from '../shared/runs/complete-run.ts';
import { evaluationPlan, type EvaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { earliestComplete } from '../shared/runs/manifest.ts';
import { trainTask } from '../shared/runs/train-task.ts';
import { EVALUATION_HASH_TAG, trainSettings, TRAINING_KEY_TAG } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import type { Run, RunStatus } from '../shared/tracking/tracking.ts';
import { createJob, reportStarted, reportSuccess, type Job } from './job.ts';
import { takeLease, type Lease } from './lease.ts';
import { withProgress } from './progress.ts';
import type { TrainedType } from './schema.ts';

export interface Trainer {
  readonly modelType: TrainedType;
  readonly pool: RuntimePool;
  /** Unlike any other trainer's; names the lease. */
  readonly holder: string;
}

/**
 * Trains one model for a claim, or reuses the finished run of the same training_key. SUCCESS is published only after
 * every artifact is stored and the run is FINISHED.
 */
export async function train(
  claim: TrainingClaim,
  delivery: Delivery,
  { modelType, pool, holder }: Trainer,
  services: Services,
): Promise<void> {
  const job = createJob(claim, delivery, modelType, services);
  const experimentId = await services.tracking.experimentId(claim.identifier);
  const reusable = await findFinished(job, experimentId);
  if (reusable !== undefined) return reportSuccess(job, reusable, true);
  const { identifier, config_hash: configHash } = claim;
  const lease = await takeLease(services.storage, { identifier, configHash, trainingKey: job.key, holder });
  // A rival may have finished between our search and our lease.
  const finished = await findFinished(job, experimentId);
  if (finished !== undefined) return reportSuccess(job, finished, true);
  await killAbandoned(job, experimentId);
  return reportSuccess(job, await trainAnew(job, { experimentId, lease, pool }), false);
}

async function findFinished(job: Job, experimentId: string): Promise<Run | undefined> {
  return earliestComplete(job.services.tracking, await runsOf(job, experimentId, 'FINISHED'));
}

/** We hold the lease: whoever left a run of this key RUNNING is dead. */
async function killAbandoned(job: Job, experimentId: string): Promise<void> {
  const { tracking, now } = job.services;
  for (const { runId } of await runsOf(job, experimentId, 'RUNNING'))
    await tracking.setStatus(runId, 'KILLED', now());
}

function runsOf({ services, key }: Job, experimentId: string, status: RunStatus): Promise<Run[]> {
  return services.tracking.findRuns(experimentId, { key: TRAINING_KEY_TAG, value: key }, status);
}

interface Means {
  readonly experimentId: string;
  readonly lease: Lease;
  readonly pool: RuntimePool;
}

/** A new run, FINISHED. */
async function trainAnew(job: Job, { experimentId, lease, pool }: Means): Promise<Run> {
  const { claim, modelType, services } = job;
  const { tracking, storage, now } = services;
  const { meta, series } = await loadDataset(storage, claim.identifier, claim.config_hash);
  if (meta.roles.targets.length === 0)
    throw new DataError('column_missing', `expected at least one target column, got none`);
  const plan = evaluationPlan(meta, series, claim.settings);
  const run = await startRun(job, experimentId, plan);
  await lease.renew(run.runId);
  await reportStarted(job, run);
  await tracking.log(run.runId, { params: { ...trainSettings(claim.settings), model_type: modelType } });
  const task = trainTask(modelType, meta, series, claim.settings);
  await underLease(lease, run.runId, (signal) =>
    markFailure(job, run, async () => {
      const trained = await withProgress(job, run, (onProgress) => pool.train(task, { onProgress, signal }));
      await completeRun({ run, trainingKey: job.key, trained, meta, series, plan }, tracking, pool, now);
    }),
  );
  await lease.renew(run.runId);
  await tracking.setStatus(run.runId, 'FINISHED', now());
  return run;
}

function startRun(
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

/** Runs `work` while the lease is renewed; a lost lease stops it. */
async function underLease<T>(
  lease: Lease,
  runId: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const keeper = lease.keep(runId, (cause) => controller.abort(cause));
  try {
    return await work(controller.signal);
  } catch (cause) {
    throw controller.signal.aborted ? controller.signal.reason : cause;
  } finally {
    await keeper.stop();
  }
}

/** A run whose model can never come to anything is FAILED; any other is left to the next attempt. */
async function markFailure(
  { services: { tracking, now } }: Job,
  run: Run,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof RuntimeError && !cause.retryable)
      await tracking.setStatus(run.runId, 'FAILED', now());
    throw cause;
  }
}
