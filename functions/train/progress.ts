import type { TrainedModel, TrainProgress } from '@flts/model-runtime';
import { throttledStatus } from '../shared/status.ts';
import type { MetricPoint, Run } from '../shared/tracking/tracking.ts';
import { statusOf, type Job } from './job.ts';

export interface Progress {
  readonly onProgress: (progress: TrainProgress) => void;
  /** Resolves once MLflow has every epoch that was told of. */
  readonly isLogged: () => Promise<void>;
}

/** Trains, and meanwhile tells MLflow of every epoch and /status of one a second; both are told when it ends. */
export async function withProgress(
  job: Job,
  run: Run,
  start: (progress: Progress) => Promise<TrainedModel>,
): Promise<TrainedModel> {
  const { storage, tracking, now, log } = job.services;
  const status = throttledStatus(storage, now);
  let logging: Promise<void> = Promise.resolve();
  let val_loss: number | null = null;
  const onProgress = (progress: TrainProgress): void => {
    const { epoch, epochs, batch, batches, loss, rowsPerSecond: rows_per_second, etaS: eta_s } = progress;
    const isWhole = batch === batches;
    // Within an epoch that of the one before stays.
    if (isWhole) val_loss = progress.valLoss;
    const figures = { batch, batches, loss, val_loss, rows_per_second, eta_s };
    const fields = { run_id: run.runId, epoch: isWhole ? epoch : epoch - 1, epochs, ...figures };
    status.write(statusOf(job, { state: 'RUNNING', ...fields }));
    if (!isWhole) return;
    const { identifier, claim_id } = job.claim;
    log.info({ event: 'training_epoch', identifier, claim_id, model_type: job.modelType, ...fields });
    logging = logging.then(() => tracking.log(run.runId, { metrics: metricsOf(progress, now()) }));
    // Awaited below; until then a failure must not count as unhandled.
    logging.catch(() => {});
  };
  try {
    const trained = await start({ onProgress, isLogged: () => logging });
    await logging;
    return trained;
  } finally {
    await status.flush();
  }
}

/** What a finished epoch leaves with its run, by step. */
export function metricsOf(
  { epoch, loss, valLoss, rowsPerSecond }: TrainProgress,
  timestamp: number,
): MetricPoint[] {
  const figures = { loss, val_loss: valLoss, rows_per_second: rowsPerSecond };
  return Object.entries(figures).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value, step: epoch, timestamp }],
  );
}
