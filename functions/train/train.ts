import { RuntimeError, type RuntimePool, type TrainedModel, type TrainProgress } from '@flts/model-runtime';
import { handOn } from '../shared/claims.ts';
import { loadDataset } from '../shared/dataset/load.ts';
import { DataError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { ModelTraining, TrainingClaim } from '../shared/messages/schema.ts';
import { completeRun } from '../shared/runs/complete-run.ts';
import { evaluationPlan, type EvaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { earliestComplete } from '../shared/runs/manifest.ts';
import { trainTask } from '../shared/runs/train-task.ts';
import {
  EVALUATION_HASH_TAG,
  trainingKey,
  trainSettings,
  TRAINING_KEY_TAG,
} from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import { throttledStatus, writeStatus, type StageStatus } from '../shared/status.ts';
import { TOPICS } from '../shared/topics.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import { takeLease, type Lease } from './lease.ts';
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
  trainer: Trainer,
  services: Services,
): Promise<void> {
  const job = createJob(claim, delivery, trainer, services);
  const experimentId = await services.tracking.experimentId(claim.identifier);
  const reusable = await findFinished(job, experimentId);
  if (reusable !== undefined) return job.succeed(reusable, true);
  const { modelType, holder } = trainer;
  const lease = await takeLease(services.storage, {
    identifier: claim.identifier,
    configHash: claim.config_hash,
    trainingKey: job.key,
    holder,
  });
  // A rival may have finished between our search and our lease.
  const finished = await findFinished(job, experimentId);
  if (finished !== undefined) return job.succeed(finished, true);
  await killAbandoned(job, experimentId);
  const { meta, series } = await loadDataset(services.storage, claim.identifier, claim.config_hash);
  if (meta.roles.targets.length === 0)
    throw new DataError('column_missing', `expected at least one target column, got none`);
  const plan = evaluationPlan(meta, series, claim.settings);
  const tags = {
    [TRAINING_KEY_TAG]: job.key,
    [EVALUATION_HASH_TAG]: plan.hash,
    'flts.config_hash': claim.config_hash,
    'flts.model_type': modelType,
  };
  const run = await services.tracking.createRun({
    experimentId,
    runName: modelType,
    startTime: services.now(),
    tags,
  });
  await lease.renew(run.runId);
  await job.started(run, plan);
  await services.tracking.log(run.runId, {
    params: { ...trainSettings(claim.settings), model_type: modelType },
  });
  const trained = await underLease(lease, run.runId, (signal) =>
    trainWithProgress(job, run, (onProgress) =>
      trainer.pool.train(trainTask(modelType, meta, series, claim.settings), { onProgress, signal }),
    ),
  );
  await completeRun(
    { run, trainingKey: job.key, trained, meta, series, plan },
    services.tracking,
    trainer.pool,
    services.now,
  );
  await lease.renew(run.runId);
  await services.tracking.setStatus(run.runId, 'FINISHED', services.now());
  await job.succeed(run, false);
}

interface Job {
  readonly key: string;
  readonly services: Services;
  started(run: Run, plan: EvaluationPlan): Promise<void>;
  status(fields: Partial<StageStatus> & Pick<StageStatus, 'state'>): StageStatus;
  succeed(run: Run, reused: boolean): Promise<void>;
}

function createJob(
  claim: TrainingClaim,
  delivery: Delivery,
  { modelType }: Trainer,
  services: Services,
): Job {
  const { identifier, config_hash, settings, claim_id, claimed_at } = claim;
  const forced = settings.FORCE_RETRAIN ? { claimId: claim_id } : {};
  const key = trainingKey({ identifier, configHash: config_hash, modelType, settings, ...forced });
  const message = (
    fields: Pick<ModelTraining, 'operation' | 'status'> & Partial<ModelTraining>,
  ): ModelTraining => ({
    ...handOn(claim, services.now()),
    experiment: identifier,
    run_name: modelType,
    model_type: modelType,
    training_key: key,
    settings,
    ...fields,
  });
  const status: Job['status'] = (fields) => ({
    identifier,
    claim_id,
    claimed_at,
    config_hash,
    stage: 'train',
    model_type: modelType,
    updated_at: new Date(services.now()).toISOString(),
    ...fields,
  });
  const publish = (fields: Parameters<typeof message>[0]): Promise<void> =>
    services.publisher.publish(TOPICS.modelTraining, message(fields), delivery.correlationId);
  return {
    key,
    services,
    status,
    started: async (run, plan) => {
      services.log.info({
        event: 'training_started',
        identifier,
        claim_id,
        model_type: modelType,
        run_id: run.runId,
      });
      await writeStatus(
        services.storage,
        status({ state: 'RUNNING', run_id: run.runId, epoch: 0, epochs: settings.EPOCHS }),
      );
      await publish({
        operation: `Training Started: ${modelType}`,
        status: 'RUNNING',
        run_id: run.runId,
        evaluation_hash: plan.hash,
      });
    },
    succeed: async (run, reused) => {
      const evaluation = run.tags[EVALUATION_HASH_TAG];
      await publish({
        operation: `Trained: ${modelType}`,
        status: 'SUCCESS',
        run_id: run.runId,
        ...(evaluation === undefined ? {} : { evaluation_hash: evaluation }),
      });
      await writeStatus(services.storage, status({ state: 'SUCCESS', run_id: run.runId, reused }));
      services.log.info({
        event: 'training_finished',
        identifier,
        claim_id,
        model_type: modelType,
        run_id: run.runId,
        reused,
      });
    },
  };
}

async function findFinished(job: Job, experimentId: string): Promise<Run | undefined> {
  const { tracking } = job.services;
  return earliestComplete(
    tracking,
    await tracking.findRuns(experimentId, { key: TRAINING_KEY_TAG, value: job.key }, 'FINISHED'),
  );
}

/** We hold the lease: whoever left a run of this key RUNNING is dead. */
async function killAbandoned(job: Job, experimentId: string): Promise<void> {
  const { tracking, now } = job.services;
  for (const run of await tracking.findRuns(
    experimentId,
    { key: TRAINING_KEY_TAG, value: job.key },
    'RUNNING',
  )) {
    await tracking.setStatus(run.runId, 'KILLED', now());
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

async function trainWithProgress(
  job: Job,
  run: Run,
  start: (onProgress: (progress: TrainProgress) => void) => Promise<TrainedModel>,
): Promise<TrainedModel> {
  const { storage, tracking, now } = job.services;
  const status = throttledStatus(storage, now);
  let logging: Promise<void> = Promise.resolve();
  const onProgress = ({ epoch, epochs, loss, valLoss, etaS }: TrainProgress): void => {
    status.write(
      job.status({
        state: 'RUNNING',
        run_id: run.runId,
        epoch,
        epochs,
        loss,
        val_loss: valLoss,
        eta_s: etaS,
      }),
    );
    const timestamp = now();
    const metrics = [['loss', loss] as const, ['val_loss', valLoss] as const].flatMap(([key, value]) =>
      value === null ? [] : [{ key, value, step: epoch, timestamp }],
    );
    logging = logging.then(() => tracking.log(run.runId, { metrics }));
    // Awaited below; until then a failure must not count as unhandled.
    logging.catch(() => {});
  };
  try {
    const trained = await start(onProgress);
    await logging;
    return trained;
  } catch (cause) {
    if (cause instanceof RuntimeError && !cause.retryable)
      await tracking.setStatus(run.runId, 'FAILED', now());
    throw cause;
  } finally {
    await status.flush();
  }
}
