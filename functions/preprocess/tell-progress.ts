import type { Services } from '../shared/services.ts';
import { throttledStatus, type StageStatus } from '../shared/status.ts';
import { createFigures, type Figures, type Progress, type Tell } from './progress.ts';

const SECOND_MS = 1000;

/** Tells /status and the log how far the work has come, once a second at most. `statusOf`: the stage's status with these figures. */
export async function withProgress<T>(
  { storage, log, now }: Pick<Services, 'storage' | 'log' | 'now'>,
  statusOf: (figures: Figures & { readonly message: string }) => StageStatus,
  work: (tell: Tell) => Promise<T>,
): Promise<T> {
  const status = throttledStatus(storage, now);
  const figuresOf = createFigures(now);
  let last = now();
  const tell = (progress: Progress): void => {
    const at = now();
    if (at - last < SECOND_MS) return;
    last = at;
    const told = { ...figuresOf(progress), message: progress.phase };
    const { identifier, claim_id, share, rows_per_second, eta_s } = statusOf(told);
    status.write(statusOf(told));
    log.info({
      event: 'preprocess_progress',
      identifier,
      claim_id,
      phase: progress.phase,
      share,
      rows_per_second,
      eta_s,
    });
  };
  try {
    return await work(tell);
  } finally {
    // Else a late word of progress could take the place of how it ended.
    await status.flush();
  }
}
