import {
  RuntimeError,
  type ModelType,
  type RuntimePool,
  type TrainedModel,
  type TrainTask,
} from '@flts/model-runtime';
import { loadDataset } from '../shared/dataset/load.ts';
import { DataError, describeError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import { completeRun } from '../shared/runs/complete-run.ts';
import { evaluationPlan, type EvaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { trainTask } from '../shared/runs/train-task.ts';
import { trainSettings } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import { createCheckpointStore, type CheckpointStore, type StoredCheckpoint } from './checkpoint-store.ts';
import { continueLater, isForAnother, isHandedOn, pauseAfterMs } from './continuation.ts';
import { createJob, reportStarted, reportSuccess, type Job } from './job.ts';
import { takeLease, type Lease } from './lease.ts';
import { metricsOf, withProgress } from './progress.ts';
import { findFinished, startRun, takeUpAbandoned } from './runs.ts';

export interface Trainer {
  readonly modelType: ModelType;
  readonly pool: RuntimePool;
  /** Unlike any other trainer's; names the lease. */
  readonly holder: string;
  /** Bytes that the function has; default: as much as a training may want. */
  readonly memoryBytes?: number;
}

/**
 * Trains one model for a claim, goes on with one from its checkpoint, or reuses the finished run of the same training_key.
 * SUCCESS is published only after every artifact is stored and the run is FINISHED; where time runs short before, a
 * continuation of the claim is published instead.
 */
export async function train(
  claim: TrainingClaim,
  delivery: Delivery,
  { modelType, pool, holder, memoryBytes }: Trainer,
  services: Services,
): Promise<void> {
  if (isForAnother(claim, modelType)) return;
  if (!isExpected(claim, modelType, services)) return;
  const job = createJob(claim, delivery, modelType, services);
  const checkpoints = createCheckpointStore(job);
  const experimentId = await services.tracking.experimentId(claim.identifier);
  const reusable = await findFinished(job, experimentId);
  if (reusable !== undefined) return succeed(job, checkpoints, reusable, true);
  const { identifier, config_hash: configHash } = claim;
  const lease = await takeLease(services.storage, { identifier, configHash, trainingKey: job.key, holder });
  if (isHandedOn(claim, lease.handedOn)) return lease.release(null);
  // A rival may have finished between our search and our lease.
  const finished = await findFinished(job, experimentId);
  if (finished !== undefined) return succeed(job, checkpoints, finished, true);
  const { run, isOver } = await goOn(job, { experimentId, lease, pool, checkpoints, memoryBytes });
  if (isOver) return succeed(job, checkpoints, run, false);
  return continueLater(job, lease, run.runId);
}

/** A claim trains the models that it compares, and no others. */
function isExpected(
  { identifier, claim_id, settings }: TrainingClaim,
  modelType: ModelType,
  { log }: Services,
): boolean {
  const expected: readonly ModelType[] = settings.EXPECTED_MODEL_TYPES;
  if (expected.includes(modelType)) return true;
  log.info({ event: 'training_not_expected', identifier, claim_id, model_type: modelType, expected });
  return false;
}

async function succeed(job: Job, checkpoints: CheckpointStore, run: Run, reused: boolean): Promise<void> {
  await reportSuccess(job, run, reused);
  await checkpoints.remove();
}

interface Means {
  readonly experimentId: string;
  readonly lease: Lease;
  readonly pool: RuntimePool;
  readonly checkpoints: CheckpointStore;
  readonly memoryBytes: number | undefined;
}

/** A run that is FINISHED (`isOver`), or has a checkpoint to go on from. */
async function goOn(
  job: Job,
  { experimentId, lease, pool, checkpoints, memoryBytes }: Means,
): Promise<{ run: Run; isOver: boolean }> {
  const { claim, modelType, services } = job;
  const { tracking, storage, now } = services;
  const { meta, series } = await loadDataset(storage, claim.identifier, claim.config_hash);
  if (meta.roles.targets.length === 0)
    throw new DataError('column_missing', `expected at least one target column, got none`);
  const plan = evaluationPlan(meta, series, claim.settings);
  const from = await checkpoints.load();
  const run = await openRun(job, { experimentId, lease, plan, from });
  const task = {
    ...trainTask(modelType, meta, series, claim.settings),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
  const isOver = await underLease(lease, run.runId, (signal) =>
    unlessPaused(() =>
      markFailure(job, run, checkpoints, async () => {
        const trained = await trainFrom(job, run, { task, pool, checkpoints, from, signal });
        await completeRun({ run, trainingKey: job.key, trained, meta, series, plan }, tracking, pool, now);
      }),
    ),
  );
  if (!isOver) return { run, isOver };
  await lease.renew(run.runId);
  await tracking.setStatus(run.runId, 'FINISHED', now());
  return { run, isOver };
}

interface OpenRunOf extends Pick<Means, 'experimentId' | 'lease'> {
  readonly plan: EvaluationPlan;
  readonly from: StoredCheckpoint | undefined;
}

/** The run of the checkpoint, or a new one that begins with what the checkpoint knows. */
async function openRun(job: Job, { experimentId, lease, plan, from }: OpenRunOf): Promise<Run> {
  const { claim, modelType, services } = job;
  const abandoned = await takeUpAbandoned(job, experimentId, from?.info.label);
  const run = abandoned ?? (await startRun(job, experimentId, plan));
  await lease.renew(run.runId);
  if (abandoned !== undefined) {
    const { identifier, claim_id } = claim;
    const { epoch, batch } = from?.info ?? {};
    const fields = { identifier, claim_id, model_type: modelType, run_id: run.runId, epoch, batch };
    services.log.info({ event: 'training_resumed', ...fields });
    return run;
  }
  await reportStarted(job, run);
  await services.tracking.log(run.runId, {
    params: { ...trainSettings(claim.settings), model_type: modelType },
    metrics: (from?.info.history ?? []).flatMap((epoch) => metricsOf(epoch, services.now())),
  });
  return run;
}

interface TrainFrom extends Pick<Means, 'pool' | 'checkpoints'> {
  readonly task: TrainTask;
  readonly from: StoredCheckpoint | undefined;
  readonly signal: AbortSignal;
}

function trainFrom(
  job: Job,
  run: Run,
  { task, pool, checkpoints, from, signal }: TrainFrom,
): Promise<TrainedModel> {
  return withProgress(job, run, async ({ onProgress, isLogged }) => {
    const start = (resume?: Uint8Array): Promise<TrainedModel> =>
      pool.train(task, {
        onProgress,
        signal,
        checkpoints: {
          label: run.runId,
          pauseAfterMs: pauseAfterMs(job.remainingMs()),
          save: async (bytes) => {
            await isLogged();
            await checkpoints.save(bytes);
          },
          ...(resume && { resume }),
        },
      });
    try {
      return await start(from?.bytes);
    } catch (cause) {
      if (!(cause instanceof RuntimeError) || cause.code !== 'checkpoint_invalid') throw cause;
      job.services.log.warn({ event: 'checkpoint_ignored', run_id: run.runId, error: describeError(cause) });
      return start();
    }
  });
}

/** false where training paused. */
async function unlessPaused(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (cause) {
    if (cause instanceof RuntimeError && cause.code === 'training_paused') return false;
    throw cause;
  }
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
  checkpoints: CheckpointStore,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof RuntimeError && !cause.retryable) {
      await tracking.setStatus(run.runId, 'FAILED', now());
      await checkpoints.remove();
    }
    throw cause;
  }
}
