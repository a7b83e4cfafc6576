import { RuntimeError } from '../errors.ts';
import {
  NETWORK_TYPES,
  BASELINE_TYPES,
  type BaselineType,
  type Checkpoints,
  type ModelFile,
  type NetworkType,
  type TrainedModel,
  type TrainProgress,
  type TrainTask,
} from '../types.ts';
import { inputNames, origins, scaledInputs } from '../windows/windows.ts';
import { historyRows } from '../history/history.ts';
import { bestSeason, infoOf } from './baselines.ts';
import { checkTask } from './check-task.ts';
import { readInitialModel } from './initial-model.ts';
import { networkFiles } from './network-files.ts';
import { fitNetwork } from './network-training.ts';
import { fitProphet } from './prophet-fit.ts';
import type { ProphetParameters } from './prophet.ts';
import { checkMemory } from './training-memory.ts';

/** What WebAssembly can address. */
const MOST_MEMORY = 2 ** 32;

export interface TrainHooks {
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly signal?: AbortSignal;
  readonly checkpoints?: Checkpoints;
}

/** Trains one model on this thread. @throws RuntimeError with the numbers in its message */
export async function trainModel(task: TrainTask, hooks: TrainHooks = {}): Promise<TrainedModel> {
  if (isOneOf(NETWORK_TYPES, task.modelType)) return trainNetwork(task.modelType, task, hooks);
  if (isOneOf(BASELINE_TYPES, task.modelType)) return trainBaseline(task.modelType, task);
  return trainProphet(task, hooks);
}

function isOneOf<T extends string>(types: readonly T[], type: string): type is T {
  return types.some((each) => each === type);
}

async function trainNetwork(
  type: NetworkType,
  task: TrainTask,
  { onProgress = () => {}, signal, checkpoints }: TrainHooks,
): Promise<TrainedModel> {
  checkTask(task);
  const { settings, roles, threads, memoryBytes = MOST_MEMORY } = task;
  const { inputSeqLen: steps, outputSeqLen: horizon, hiddenSize: units, numLayers: layers } = settings;
  const targets = roles.targets.length;
  const features = inputNames(roles).length;
  const shape = { family: type, steps, features, units, layers, horizon, targets };
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
    breathe: () => breathe(signal),
    checkpoints,
  });
  return {
    modelType: type,
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

/** Lets the thread's messages through (a cancellation is one). */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted)
    throw new RuntimeError('task_cancelled', 'expected to train to the end, got cancelled');
}

function trainBaseline(type: BaselineType, task: TrainTask): TrainedModel {
  const season = type === 'SEASONAL_NAIVE' ? bestSeason(task) : 0;
  const window = task.settings.inputSeqLen;
  const contextRows = type === 'MEAN_WINDOW' ? window : Math.max(1, season);
  const files = [
    jsonFile({ format: 'flts-baseline/1', info: infoOf(task, contextRows), parameters: { season, window } }),
  ];
  return { modelType: type, files, params: type === 'SEASONAL_NAIVE' ? { season } : {}, history: [] };
}

async function trainProphet(
  task: TrainTask,
  { onProgress = () => {}, signal }: TrainHooks,
): Promise<TrainedModel> {
  const { series, segments, roles, settings } = task;
  const { start } = segments.fit;
  const { end } = segments.validate;
  const byTarget: Record<string, ProphetParameters> = {};
  const history: TrainProgress[] = [];
  const startedAt = performance.now();
  for (const [index, target] of roles.targets.entries()) {
    byTarget[target] = await fitProphet(
      series.ts.subarray(start, end),
      (series.actual[target] ?? new Float64Array()).subarray(start, end),
      settings.seed,
    );
    const [epoch, epochs] = [index + 1, roles.targets.length];
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
    await breathe(signal);
  }
  return {
    modelType: 'PROPHET',
    files: [jsonFile({ format: 'flts-prophet/1', info: infoOf(task, 0), parameters: byTarget })],
    params: { fits: roles.targets.length },
    history,
  };
}

function jsonFile(value: unknown): ModelFile {
  return { path: 'model.json', bytes: Buffer.from(JSON.stringify(value)) };
}
