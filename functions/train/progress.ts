import type { TrainedModel, TrainProgress } from '@flts/model-runtime';
import { throttledStatus } from '../shared/status.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import { statusOf, type Job } from './job.ts';

/** Trains, and meanwhile tells MLflow of every epoch and /status of one a second; both are told when it ends. */
export async function withProgress(
  job: Job,
  run: Run,
  start: (onProgress: (progress: TrainProgress) => void) => Promise<TrainedModel>,
): Promise<TrainedModel> {
  const { storage, tracking, now } = job.services;
  const status = throttledStatus(storage, now);
  let logging: Promise<void> = Promise.resolve();
  const onProgress = (progress: TrainProgress): void => {
    const { epoch, epochs, loss, valLoss: val_loss, etaS: eta_s } = progress;
    const fields = { run_id: run.runId, epoch, epochs, loss, val_loss, eta_s };
    status.write(statusOf(job, { state: 'RUNNING', ...fields }));
    const timestamp = now();
    const metrics = Object.entries({ loss, val_loss }).flatMap(([key, value]) =>
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
  } finally {
    await status.flush();
  }
}
