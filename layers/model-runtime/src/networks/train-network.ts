import { RuntimeError } from '../errors.ts';
import { infoOf, letMessagesThrough, type TrainHooks } from '../families/family.ts';
import { historyRows } from '../history/history.ts';
import type { TrainedModel, TrainTask } from '../types.ts';
import { inputNames, origins, scaledInputs } from '../windows/windows.ts';
import { checkTask } from './check-task.ts';
import { readInitialModel } from './initial-model.ts';
import { networkFiles } from './network-files.ts';
import { fitNetwork } from './network-training.ts';
import { checkMemory } from './training-memory.ts';

/** What WebAssembly can address. */
const MOST_MEMORY = 2 ** 32;

/** Trains a network on this thread and its helpers. @throws RuntimeError with the numbers in its message */
export async function trainNetwork(
  task: TrainTask,
  { onProgress = () => {}, signal, checkpoints }: TrainHooks,
): Promise<TrainedModel> {
  checkTask(task);
  const { modelType, settings, roles, threads, memoryBytes = MOST_MEMORY } = task;
  const { inputSeqLen: steps, outputSeqLen: horizon, hiddenSize: units, numLayers: layers } = settings;
  const targets = roles.targets.length;
  const features = inputNames(roles).length;
  const shape = { family: modelType, steps, features, units, layers, horizon, targets };
  const { fit, validate } = windowsOf(task);
  checkThreads(threads, Math.min(settings.batchSize, fit.length));
  const rows = task.segments.validate.end;
  const sizes = { batchSize: settings.batchSize, rows, fit: fit.length, validate: validate.length };
  checkMemory({ shape, dropout: (settings.dropout ?? 0) > 0, ...sizes }, memoryBytes);
  const inputs = scaledInputs(task.series.columns, inputNames(roles), task.scaler, rows);
  const initial = task.initial && readInitialModel(task.initial, shape);
  const { weights, history, bestEpoch } = await fitNetwork({
    shape,
    settings,
    threads,
    inputs,
    fit,
    validate,
    initial: initial?.weights,
    onProgress,
    breathe: () => letMessagesThrough(signal),
    checkpoints,
  });
  return {
    modelType,
    files: networkFiles(shape, weights, {
      ...infoOf(task, steps + historyRows(task.history)),
      horizon,
      ...(settings.fastMath === true && { fastMath: true }),
    }),
    params: {
      best_epoch: bestEpoch,
      windows: fit.length,
      weights: weights.reduce((sum, { values }) => sum + values.length, 0),
      ...(settings.fastMath === true ? { fast_math: 1 } : {}),
      ...(initial && { initial_model: initial.sha256 }),
    },
    history,
  };
}

/** @throws RuntimeError setting_invalid where some would have nothing to do */
function checkThreads(threads: number | undefined, rows: number): void {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= rows)) return;
  throw new RuntimeError(
    'setting_invalid',
    `expected 1 to ${rows} threads for ${rows} rows a batch, got ${threads}`,
  );
}

/** The origins of every window of fit and of validate. @throws RuntimeError insufficient_rows where there is none */
function windowsOf({ series, segments, settings, history }: TrainTask): {
  fit: Int32Array;
  validate: Int32Array;
} {
  const { inputSeqLen, outputSeqLen: horizon } = settings;
  const contextRows = inputSeqLen + historyRows(history);
  const windows = (name: 'fit' | 'validate'): Int32Array => {
    const segment = segments[name];
    const at = origins({ block: series.block, segment, contextRows, horizon });
    if (at.length === 0) {
      throw new RuntimeError(
        'insufficient_rows',
        `expected at least ${contextRows + horizon} rows without a gap for a window in ${name}, got ${segment.end - segment.start}`,
      );
    }
    return at;
  };
  return { fit: windows('fit'), validate: windows('validate') };
}
