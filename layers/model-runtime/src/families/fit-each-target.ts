import type { TrainProgress } from '../types.ts';
import { letMessagesThrough, type TrainHooks } from './family.ts';

/** Fits each target by itself, one after the other, and tells of each as of an epoch. Returns what was told. */
export async function fitEachTarget(
  targets: readonly string[],
  { onProgress = () => {}, signal }: TrainHooks,
  fit: (target: string) => void | Promise<void>,
): Promise<TrainProgress[]> {
  const history: TrainProgress[] = [];
  const startedAt = performance.now();
  for (const [index, target] of targets.entries()) {
    await fit(target);
    const [epoch, epochs] = [index + 1, targets.length];
    const progress = {
      epoch,
      epochs,
      batch: 1,
      batches: 1,
      loss: null,
      valLoss: null,
      rowsPerSecond: null,
      etaS: ((performance.now() - startedAt) / 1000 / epoch) * (epochs - epoch),
    };
    history.push(progress);
    onProgress(progress);
    await letMessagesThrough(signal);
  }
  return history;
}
