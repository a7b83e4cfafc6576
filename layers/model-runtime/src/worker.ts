import { Piscina } from 'piscina';
import type { MessagePort } from 'node:worker_threads';
import { RuntimeError } from './errors.ts';
import { useWideVectors } from './kernels/wasm.ts';
import type { Forecaster } from './families/forecaster.ts';
import { loadForecaster } from './families/load.ts';
import { trainModel } from './families/train.ts';
import type { Outcome, ThreadSetup, TrainOrder } from './pool/pool.ts';
import type {
  Backtest,
  BacktestTask,
  Forecast,
  ForecastTask,
  ModelFile,
  TrainedModel,
  TrainProgress,
} from './types.ts';

interface Submitted<Task> {
  readonly task: Task;
  readonly port?: MessagePort;
}

const { backend, wideVectors }: ThreadSetup = Piscina.workerData;
if (wideVectors) useWideVectors();

/** Models this thread keeps loaded, the longest unused first. */
const MOST_MODELS = 8;
const loaded = new Map<string, Promise<Forecaster>>();

export function train({ task: order, port }: Submitted<TrainOrder>): Promise<Outcome<TrainedModel>> {
  const { task, checkpoints } = order;
  const onProgress = (progress: TrainProgress): void => port?.postMessage({ progress });
  if (checkpoints === undefined) return settle(() => trainModel(task, { onProgress }));
  const { pauseAt, ...rest } = checkpoints;
  const save = (bytes: Uint8Array): Promise<void> => handOver(bytes, port);
  const pauseAfterMs = pauseAt === undefined ? {} : { pauseAfterMs: pauseAt - Date.now() };
  return settle(() => trainModel(task, { onProgress, checkpoints: { ...rest, ...pauseAfterMs, save } }));
}

/** Resolves once the other side has stored it; where it cannot, it ends this thread. */
function handOver(checkpoint: Uint8Array, port: MessagePort | undefined): Promise<void> {
  return new Promise((resolve) => {
    port?.once('message', () => resolve());
    port?.postMessage({ checkpoint });
  });
}

export function forecast({ task }: Submitted<ForecastTask>): Promise<Outcome<Forecast>> {
  return settle(async () => (await forecaster(task)).forecast(task));
}

export function backtest({ task }: Submitted<BacktestTask>): Promise<Outcome<Backtest>> {
  return settle(async () => (await forecaster(task)).backtest(task));
}

async function forecaster({
  modelKey,
  files,
}: {
  modelKey: string;
  files: readonly ModelFile[];
}): Promise<Forecaster> {
  const known = loaded.get(modelKey) ?? loadForecaster(files, { backend });
  loaded.delete(modelKey);
  loaded.set(modelKey, known);
  known.catch(() => loaded.delete(modelKey));
  const [oldest] = loaded.keys();
  if (loaded.size > MOST_MODELS && oldest !== undefined) {
    const dropped = loaded.get(oldest);
    loaded.delete(oldest);
    (await dropped)?.dispose();
  }
  return known;
}

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (cause) {
    if (!(cause instanceof RuntimeError)) throw cause;
    return { ok: false, error: { code: cause.code, message: cause.message, retryable: cause.retryable } };
  }
}
