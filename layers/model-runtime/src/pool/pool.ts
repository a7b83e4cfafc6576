import { Piscina } from 'piscina';
import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { readCheckpoint } from '../checkpoints/read-checkpoint.ts';
import { RuntimeError, type RuntimeErrorCode } from '../errors.ts';
import type {
  Backtest,
  BacktestTask,
  Checkpoints,
  Forecast,
  ForecastTask,
  TfjsBackend,
  TrainedModel,
  TrainProgress,
  TrainTask,
} from '../types.ts';
import { createPlaces, type PlacesLoad } from './places.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Threads that stay, once the pool is in use, however long they idle; the others end after a minute. Default 0. */
  readonly minThreads?: number;
  /** Tasks that may wait; default: any number. */
  readonly maxQueue?: number;
  /** Of TF.js, for a network that the kernels do not run; default wasm. */
  readonly backend?: TfjsBackend;
  /** Whether kernels may use vectors of 256 bits, which V8 is told to make in the whole process (`useWideVectors`). Default: not. */
  readonly wideVectors?: boolean;
}

export interface TaskOptions {
  /** Stops the work itself: its thread ends, and a fresh one takes the place. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the submission on. */
  readonly timeoutMs?: number;
}

export interface TrainOptions extends TaskOptions {
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly checkpoints?: Checkpoints;
}

export interface RuntimePool {
  train(task: TrainTask, options?: TrainOptions): Promise<TrainedModel>;
  forecast(task: ForecastTask, options?: TaskOptions): Promise<Forecast>;
  backtest(task: BacktestTask, options?: TaskOptions): Promise<Backtest>;
  /** Tasks that wait and tasks that run; a task that was cut short runs until its thread is gone. */
  load(): PlacesLoad;
  close(): Promise<void>;
}

interface Submission {
  readonly name: string;
  readonly task: unknown;
  readonly port: MessagePort | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What every thread is started with. */
export interface ThreadSetup {
  readonly backend: TfjsBackend;
  readonly wideVectors: boolean;
}

/** What a training thread is given; its checkpoints come back through the port, and are stored on this side. */
export interface TrainOrder {
  readonly task: TrainTask;
  readonly checkpoints?: Pick<Checkpoints, 'resume' | 'label'> & {
    /** Epoch ms: threads share no other clock. */
    readonly pauseAt?: number;
  };
}

/** What a training thread tells through its port. */
type TrainMessage = { readonly progress: TrainProgress } | { readonly checkpoint: Uint8Array };

/** What a worker answers: errors travel as data, since a thrown one loses its code on the way. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: RuntimeErrorCode;
        readonly message: string;
        readonly retryable: boolean;
      };
    };

/**
 * A bounded pool of threads that train and forecast. Threads start when first needed. Submitting throws RuntimeError
 * queue_full at once where maxQueue tasks wait; a cancelled task rejects with task_cancelled, a late one with task_timeout, one that a
 * close cuts short or comes after it with pool_closed.
 */
export function createRuntimePool({
  threads,
  minThreads = 0,
  maxQueue = Number.POSITIVE_INFINITY,
  backend = 'wasm',
  wideVectors = false,
}: PoolOptions): RuntimePool {
  let started: Piscina | undefined;
  let closed = false;
  const places = createPlaces(threads, maxQueue);
  const filename = createRequire(import.meta.url).resolve('@flts/model-runtime/worker');
  const pool = (): Piscina => {
    if (closed) throw poolClosed();
    return (started ??= new Piscina({
      filename,
      minThreads,
      maxThreads: threads,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: 1,
      workerData: { backend, wideVectors } satisfies ThreadSetup,
    }));
  };

  async function run<T>(
    name: string,
    task: unknown,
    { signal, timeoutMs }: TaskOptions,
    port?: MessagePort,
  ): Promise<T> {
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, timeout].filter((each) => each !== undefined);
    const either = signals.length > 0 ? AbortSignal.any(signals) : undefined;
    try {
      const leave = await places.enter(either);
      try {
        return await runThere<T>({ name, task, port, signal: either });
      } finally {
        leave();
      }
    } catch (cause) {
      if (cause instanceof RuntimeError) throw cause;
      if (closed) throw poolClosed(cause);
      if (timeout?.aborted)
        throw new RuntimeError('task_timeout', `expected ${name} within ${timeoutMs} ms, got none`, {
          cause,
          retryable: true,
        });
      if (signal?.aborted)
        throw new RuntimeError('task_cancelled', `expected ${name} to end, got cancelled`, {
          cause,
          retryable: true,
        });
      throw cause;
    }
  }

  /** Settles once the work has ended: where it is cut short, once its thread is gone. */
  async function runThere<T>({ name, task, port, signal }: Submission): Promise<T> {
    const cut = new AbortController();
    let gone: Promise<unknown> = Promise.resolve();
    const stop = (): void => {
      const before = started?.threads ?? [];
      cut.abort();
      const after = new Set(started?.threads);
      gone = Promise.all(before.filter((thread) => !after.has(thread)).map((thread) => thread.terminate()));
    };
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const options = { name, signal: cut.signal, ...(port === undefined ? {} : { transferList: [port] }) };
      const outcome: Outcome<T> = await pool().run({ task, port }, options);
      if (outcome.ok) return outcome.value;
      const { code, message, retryable } = outcome.error;
      throw new RuntimeError(code, message, { retryable });
    } finally {
      signal?.removeEventListener('abort', stop);
      await gone;
    }
  }

  return {
    train: (task, options = {}) =>
      trainThere(task, options, (order, port, taskOptions) =>
        run<TrainedModel>('train', order, taskOptions, port),
      ),
    forecast: (task, options = {}) => run<Forecast>('forecast', task, options),
    backtest: (task, options = {}) => run<Backtest>('backtest', task, options),
    load: () => places.load(),
    close: async () => {
      closed = true;
      await started?.destroy();
      started = undefined;
    },
  };
}

type RunOrder = (order: TrainOrder, port: MessagePort, options: TaskOptions) => Promise<TrainedModel>;

/** Runs a training in another thread: passes its progress on, and stores its checkpoints. */
async function trainThere(
  task: TrainTask,
  { onProgress = () => {}, checkpoints, signal, timeoutMs }: TrainOptions,
  run: RunOrder,
): Promise<TrainedModel> {
  let epochsTold = checkpoints?.resume === undefined ? 0 : readCheckpoint(checkpoints.resume).epoch;
  const { port1, port2 } = new MessageChannel();
  const refused = new AbortController();
  const tell = (progress: TrainProgress): void => {
    if (progress.batch === progress.batches) epochsTold = progress.epoch;
    onProgress(progress);
  };
  const listen = (message: TrainMessage): void => {
    if ('progress' in message) return tell(message.progress);
    checkpoints?.save(message.checkpoint).then(
      () => port1.postMessage('stored'),
      (cause: unknown) => refused.abort(cause),
    );
  };
  port1.on('message', listen);
  try {
    const either = signal === undefined ? refused.signal : AbortSignal.any([signal, refused.signal]);
    const options = { signal: either, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const trained = await run(orderOf(task, checkpoints), port2, options);
    port1.off('message', listen);
    // The answer comes another way than progress, and may be here first.
    for (const progress of trained.history.filter(({ epoch }) => epoch > epochsTold)) tell(progress);
    return trained;
  } catch (cause) {
    throw refused.signal.aborted ? refused.signal.reason : cause;
  } finally {
    port1.close();
  }
}

function orderOf(task: TrainTask, checkpoints: Checkpoints | undefined): TrainOrder {
  if (checkpoints === undefined) return { task };
  const { save: _save, pauseAfterMs, ...rest } = checkpoints;
  const pauseAt = pauseAfterMs === undefined ? {} : { pauseAt: Date.now() + pauseAfterMs };
  return { task, checkpoints: { ...rest, ...pauseAt } };
}

function poolClosed(cause?: unknown): RuntimeError {
  return new RuntimeError('pool_closed', 'expected an open pool, got one that is closed', {
    cause,
    retryable: true,
  });
}
