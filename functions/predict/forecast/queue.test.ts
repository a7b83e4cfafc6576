import {
  RuntimeError,
  type ForecastTask,
  type RuntimeErrorCode,
  type RuntimePool,
  type TaskOptions,
} from '@flts/model-runtime';
import { describe, expect, it } from 'vitest';
import { createThreadlessPool } from '../../shared/testing/threadless-pool.ts';
import { createForecastQueue } from './queue.ts';

const limits = { QUEUE_WORKERS: 2, QUEUE_MAXSIZE: 3, INFERENCE_TIMEOUT: 10 };
const task = { steps: 1 } as ForecastTask;
const forecast = { ts: Float64Array.of(1), values: {}, recursiveFromStep: null };

function queueOver(answer: (options?: TaskOptions) => typeof forecast) {
  const pool: RuntimePool = {
    ...createThreadlessPool(),
    forecast: async (_task, options) => answer(options),
    load: () => ({ queued: 1, active: 2, averageWaitMs: 4.5 }),
  };
  return createForecastQueue(pool, limits);
}

const failing = (code: RuntimeErrorCode) =>
  queueOver(() => {
    throw new RuntimeError(code, `a ${code}`);
  });

describe('the forecast queue', () => {
  it.each([
    ['queue_full', 'queue_full', 429, 1],
    ['task_timeout', 'inference_timeout', 504, undefined],
    ['insufficient_rows', 'rows_insufficient', 400, undefined],
    ['feature_count_mismatch', 'feature_count_mismatch', 400, undefined],
    ['non_finite_input', 'request_invalid', 400, undefined],
    ['model_corrupt', 'model_load_failed', 503, 60],
  ] as const)('answers %s as %s, %i', async (thrown, code, status, retryAfterS) => {
    await expect(failing(thrown).run(task, 30_000)).rejects.toMatchObject({ code, status, retryAfterS });
  });

  it('names the setting behind a refusal', async () => {
    await expect(failing('queue_full').run(task, 30_000)).rejects.toThrow(/3 \(QUEUE_MAXSIZE\)/u);
    await expect(failing('task_timeout').run(task, 30_000)).rejects.toThrow(
      /10000 ms \(INFERENCE_TIMEOUT=10 s\)/u,
    );
  });

  it('gives a forecast INFERENCE_TIMEOUT, or what is left of the invocation', async () => {
    const timeouts: (number | undefined)[] = [];
    const queue = queueOver((options) => {
      timeouts.push(options?.timeoutMs);
      return forecast;
    });
    for (const remainingMs of [30_000, 5000, 10]) await queue.run(task, remainingMs);
    expect(timeouts).toEqual([10_000, 4750, 1]);
  });

  it('counts what it took in and what became of it; a warm-up counts nowhere', async () => {
    let code: RuntimeErrorCode | undefined;
    const queue = queueOver(() => {
      if (code === undefined) return forecast;
      throw new RuntimeError(code, 'x');
    });
    await queue.warm(task);
    await queue.run(task, 1000);
    for (code of ['queue_full', 'task_timeout', 'task_timeout', 'insufficient_rows'] as const)
      await queue.run(task, 1000).catch(() => {});
    expect(queue.stats()).toEqual({
      queued: 1,
      active: 2,
      averageWaitMs: 4.5,
      enqueued: 4,
      completed: 1,
      timeouts: 2,
      rejectedFull: 1,
      workers: 2,
      maxSize: 3,
    });
  });
});
