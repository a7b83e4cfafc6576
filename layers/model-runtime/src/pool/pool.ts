import { Piscina } from 'piscina';
import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { RuntimeError, type RuntimeErrorCode } from '../errors.ts';
import type {
  Backtest,
  BacktestTask,
  Forecast,
  ForecastTask,
  TrainedModel,
  TrainProgress,
  TrainTask,
} from '../types.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Tasks that may wait; default: any number. */
  readonly maxQueue?: number;
}

export interface TaskOptions {
  /** Stops the work itself: its thread ends, and a fresh one takes the place. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the submission on. */
  readonly timeoutMs?: number;
}

export interface RuntimePool {
  train(
    task: TrainTask,
    options?: TaskOptions & { readonly onProgress?: (progress: TrainProgress) => void },
  ): Promise<TrainedModel>;
  forecast(task: ForecastTask, options?: TaskOptions): Promise<Forecast>;
  backtest(task: BacktestTask, options?: TaskOptions): Promise<Backtest>;
  /** Tasks that wait and tasks that run. */
  load(): { readonly queued: number; readonly active: number };
  close(): Promise<void>;
}

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
 * queue_full at once where maxQueue tasks wait; a cancelled task rejects with task_cancelled, a late one with task_timeout.
 */
export function createRuntimePool({
  threads,
  maxQueue = Number.POSITIVE_INFINITY,
}: PoolOptions): RuntimePool {
  let started: Piscina | undefined;
  let active = 0;
  const filename = createRequire(import.meta.url).resolve('@flts/model-runtime/worker');
  const pool = (): Piscina =>
    (started ??= new Piscina({
      filename,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: 1,
    }));

  async function run<T>(
    name: string,
    task: unknown,
    { signal, timeoutMs }: TaskOptions,
    port?: MessagePort,
  ): Promise<T> {
    if (active >= threads + maxQueue)
      throw new RuntimeError('queue_full', `expected at most ${maxQueue} waiting tasks, got one more`, {
        retryable: true,
      });
    active += 1;
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, timeout].filter((each) => each !== undefined);
    try {
      const options = {
        name,
        ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
        ...(port === undefined ? {} : { transferList: [port] }),
      };
      const outcome: Outcome<T> = await pool().run({ task, port }, options);
      if (outcome.ok) return outcome.value;
      throw new RuntimeError(outcome.error.code, outcome.error.message, {
        retryable: outcome.error.retryable,
      });
    } catch (cause) {
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
    } finally {
      active -= 1;
    }
  }

  return {
    train: async (task, { onProgress, ...options } = {}) => {
      const { port1, port2 } = new MessageChannel();
      port1.on('message', (progress: TrainProgress) => onProgress?.(progress));
      try {
        return await run<TrainedModel>('train', task, options, port2);
      } finally {
        port1.close();
      }
    },
    forecast: (task, options = {}) => run<Forecast>('forecast', task, options),
    backtest: (task, options = {}) => run<Backtest>('backtest', task, options),
    load: () => ({ queued: Math.max(0, active - threads), active: Math.min(active, threads) }),
    close: async () => {
      await started?.destroy();
      started = undefined;
    },
  };
}
