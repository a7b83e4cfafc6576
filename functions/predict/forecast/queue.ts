import { RuntimeError, type Forecast, type ForecastTask, type RuntimePool } from '@flts/model-runtime';
import { DataError, FltsError } from '../../shared/errors.ts';
import type { ServingSettings } from '../../shared/settings/settings.ts';

/** Figures of this instance. */
export interface QueueStats {
  /** Forecasts that wait, and that run. */
  readonly queued: number;
  readonly active: number;
  /** Since the start: taken in, ended with a forecast, ended late, refused because the queue was full. */
  readonly enqueued: number;
  readonly completed: number;
  readonly timeouts: number;
  readonly rejectedFull: number;
  /** Mean of the forecasts that have begun. */
  readonly averageWaitMs: number;
  readonly workers: number;
  readonly maxSize: number;
}

export interface ForecastQueue {
  /**
   * @throws FltsError queue_full (429), inference_timeout (504), model_load_failed (503); DataError
   * feature_count_mismatch, rows_insufficient, request_invalid
   */
  run(task: ForecastTask, remainingMs: number): Promise<Forecast>;
  /** Has a thread started and the model loaded there; counts nowhere. */
  warm(task: ForecastTask): Promise<void>;
  stats(): QueueStats;
}

type Limits = Pick<ServingSettings, 'QUEUE_WORKERS' | 'QUEUE_MAXSIZE' | 'INFERENCE_TIMEOUT'>;

/** Seconds after which a place is likely to be free. */
const RETRY_FULL_S = 1;
/** What is left of an invocation for the answer itself. */
const ANSWER_MS = 250;

/** Forecasts in a bounded pool of threads. A place is free only when its work has stopped. */
export function createForecastQueue(pool: RuntimePool, limits: Limits): ForecastQueue {
  const counts = { enqueued: 0, completed: 0, timeouts: 0, rejectedFull: 0 };
  return {
    run: async (task, remainingMs) => {
      const timeoutMs = Math.floor(
        Math.max(1, Math.min(limits.INFERENCE_TIMEOUT * 1000, remainingMs - ANSWER_MS)),
      );
      counts.enqueued += 1;
      try {
        const forecast = await pool.forecast(task, { timeoutMs });
        counts.completed += 1;
        return forecast;
      } catch (cause) {
        if (!(cause instanceof RuntimeError)) throw cause;
        if (cause.code === 'task_timeout') counts.timeouts += 1;
        if (cause.code === 'queue_full') {
          counts.enqueued -= 1;
          counts.rejectedFull += 1;
        }
        throw httpError(cause, { limits, timeoutMs });
      }
    },
    warm: async (task) => {
      await pool.forecast(task);
    },
    stats: () => {
      const { queued, active, averageWaitMs } = pool.load();
      const { QUEUE_WORKERS: workers, QUEUE_MAXSIZE: maxSize } = limits;
      return { queued, active, averageWaitMs, ...counts, workers, maxSize };
    },
  };
}

function httpError(cause: RuntimeError, of: { limits: Limits; timeoutMs: number }): FltsError | RuntimeError {
  const { message } = cause;
  switch (cause.code) {
    case 'queue_full':
      return new FltsError(
        'queue_full',
        `expected a free place among ${of.limits.QUEUE_MAXSIZE} (QUEUE_MAXSIZE) waiting forecasts, got none`,
        { cause, status: 429, retryAfterS: RETRY_FULL_S, retryable: true },
      );
    case 'task_timeout':
      return new FltsError(
        'inference_timeout',
        `expected the forecast within ${of.timeoutMs} ms (INFERENCE_TIMEOUT=${of.limits.INFERENCE_TIMEOUT} s), got none`,
        { cause, status: 504, retryable: true },
      );
    case 'insufficient_rows':
      return new DataError('rows_insufficient', message, { cause });
    case 'feature_count_mismatch':
      return new DataError('feature_count_mismatch', message, { cause });
    case 'non_finite_input':
      return new DataError('request_invalid', message, { cause });
    case 'model_corrupt':
    case 'unknown_model_format':
      return new FltsError('model_load_failed', message, {
        cause,
        status: 503,
        retryAfterS: 60,
        retryable: true,
      });
    default:
      return cause;
  }
}
