import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { trainModel } from '../families/train.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { ForecastTask } from '../types.ts';
import { createRuntimePool, type PoolOptions, type RuntimePool } from './pool.ts';

describe('the pool', () => {
  let task: ForecastTask;
  /** Takes minutes: one step at a time. */
  let endless: ForecastTask;
  const pools: RuntimePool[] = [];
  const open = (options: PoolOptions): RuntimePool => {
    const pool = createRuntimePool(options);
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    const series = seasonalSeries(120);
    const training = taskOf('GRU', series, { outputSeqLen: 1, epochs: 1 });
    const { files } = await trainModel(training);
    const { scaler } = training;
    task = { files, modelKey: 'a-run', scaler, context: series, steps: 2 };
    endless = { ...task, steps: 1_000_000 };
  });
  afterEach(async () => {
    process.removeAllListeners('worker');
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  it('frees a place only when the work that was cut short has stopped, and goes on with what waits', async () => {
    const pool = open({ threads: 1, maxQueue: 1 });
    const threads: Worker[] = [];
    process.on('worker', (thread) => threads.push(thread));
    await pool.forecast(task);
    const late = pool.forecast(endless, { timeoutMs: 50 });
    const behind = pool.forecast(task);
    expect(pool.load()).toMatchObject({ queued: 1, active: 1 });
    await expect(late).rejects.toMatchObject({ code: 'task_timeout', retryable: true });
    // -1 is what a thread's id becomes once it has ended.
    expect(threads[0]?.threadId).toBe(-1);
    expect((await behind).values['load']).toHaveLength(2);
    expect(pool.load()).toMatchObject({ queued: 0, active: 0 });
    expect(pool.load().averageWaitMs).toBeGreaterThan(10);
  });

  it('ends the thread of work that is cancelled', async () => {
    const pool = open({ threads: 1 });
    await pool.forecast(task);
    const cancel = new AbortController();
    const cancelled = pool.forecast(endless, { signal: cancel.signal });
    cancel.abort();
    // The place is taken until the thread is gone.
    expect(pool.load()).toMatchObject({ active: 1 });
    await expect(cancelled).rejects.toMatchObject({ code: 'task_cancelled' });
    expect(pool.load()).toMatchObject({ active: 0 });
    expect((await pool.forecast(task)).values['load']).toHaveLength(2);
  });

  it('refuses at once what has no place to wait, and times out what waits too long', async () => {
    const pool = open({ threads: 1, maxQueue: 1 });
    const cancel = new AbortController();
    const running = pool.forecast(endless, { signal: cancel.signal });
    const waiting = pool.forecast(task, { timeoutMs: 30 });
    await expect(pool.forecast(task)).rejects.toMatchObject({ code: 'queue_full', retryable: true });
    await expect(waiting).rejects.toMatchObject({ code: 'task_timeout' });
    expect(pool.load()).toMatchObject({ queued: 0, active: 1 });
    cancel.abort();
    await expect(running).rejects.toMatchObject({ code: 'task_cancelled' });
  });

  it('keeps the code of an error on its way from the thread', async () => {
    const pool = open({ threads: 1 });
    const context = { ts: task.context.ts.slice(0, 3), columns: task.context.columns };
    await expect(pool.forecast({ ...task, context }, { timeoutMs: 20_000 })).rejects.toMatchObject({
      name: 'RuntimeError',
      code: 'insufficient_rows',
    });
  });
});
