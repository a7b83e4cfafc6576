import { afterEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../checkpoints/read-checkpoint.ts';
import { trainModel } from '../families/train.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { ForecastTask, TrainedModel, TrainProgress, TrainTask } from '../types.ts';
import { createRuntimePool, type RuntimePool } from './pool.ts';

const series = seasonalSeries(120);
const task = taskOf('GRU', series, { outputSeqLen: 1 });
/** Longer than any test waits. */
const endless = taskOf('GRU', series, { outputSeqLen: 1, epochs: 1_000_000, earlyStopping: false });

describe('a pool that trains', () => {
  const pools: RuntimePool[] = [];
  const open = (): RuntimePool => {
    const pool = createRuntimePool({ threads: 1 });
    pools.push(pool);
    return pool;
  };
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

  /** A training that has begun: it has told of an epoch. */
  async function begin(
    pool: RuntimePool,
    of: TrainTask,
    signal?: AbortSignal,
  ): Promise<Promise<TrainedModel>[]> {
    let training: Promise<TrainedModel> | undefined;
    await new Promise<void>((resolve) => {
      training = pool.train(of, { onProgress: () => resolve(), ...(signal === undefined ? {} : { signal }) });
      // Looked at once it ends.
      training.catch(() => {});
    });
    return training === undefined ? [] : [training];
  }

  async function forecastTask(): Promise<ForecastTask> {
    const { files } = await trainModel(taskOf('NAIVE', series));
    return { files, modelKey: 'naive', scaler: task.scaler, context: series, steps: 1 };
  }

  it('gives the bytes that this thread would, in whatever thread', async () => {
    const own = await trainModel(task);
    const theirs = await open().train(task);
    const hex = ({ files }: TrainedModel): string[] =>
      files.map(({ path, bytes }) => `${path} ${Buffer.from(bytes).toString('hex')}`);
    expect(hex(theirs)).toEqual(hex(own));
  });

  it.each([2, 3])('gives the same bytes on %i threads of a training’s own', async (threads) => {
    const own = await trainModel({ ...task, threads: 1 });
    const theirs = await open().train({ ...task, threads });
    expect(theirs.files).toEqual(
      own.files.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) })),
    );
  });

  it('stops a training on several threads when it is cancelled', async () => {
    const pool = open();
    const cancel = new AbortController();
    const [training] = await begin(pool, { ...endless, threads: 2 }, cancel.signal);
    cancel.abort();
    await expect(training).rejects.toMatchObject({ code: 'task_cancelled' });
    expect((await pool.forecast(await forecastTask())).values['load']).toHaveLength(1);
  });

  it('hands over a checkpoint an epoch, pauses when its time is over, and goes on in whatever thread', async () => {
    const own = await trainModel(task);
    const saved: Uint8Array[] = [];
    const save = async (bytes: Uint8Array): Promise<void> => void saved.push(bytes);
    const pool = open();
    const paused = pool.train(task, { checkpoints: { save, label: 'a run', pauseAfterMs: 0 } });
    await expect(paused).rejects.toMatchObject({ code: 'training_paused', retryable: true });
    expect(saved.map((bytes) => readCheckpoint(bytes))).toMatchObject([
      { label: 'a run', epoch: 0, batch: 1 },
    ]);
    const seen: number[] = [];
    const trained = await open().train(task, {
      onProgress: ({ epoch }) => seen.push(epoch),
      checkpoints: { save, ...(saved[0] && { resume: saved[0] }) },
    });
    expect(trained.files).toEqual(
      own.files.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) })),
    );
    expect(saved.slice(1).map((bytes) => readCheckpoint(bytes).epoch)).toEqual([1, 2]);
    expect(seen).toEqual([1, 2]);
  });

  it('ends with what a checkpoint could not be stored for', async () => {
    const pool = open();
    const full = new Error('no space');
    await expect(pool.train(task, { checkpoints: { save: () => Promise.reject(full) } })).rejects.toBe(full);
    expect((await pool.forecast(await forecastTask())).values['load']).toHaveLength(1);
  });

  it('tells of every epoch, the last one too, before it answers', async () => {
    const pool = open();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const seen: TrainProgress[] = [];
      const { history } = await pool.train(taskOf('NAIVE', series));
      expect(history).toEqual([]);
      const trained = await pool.train(taskOf('PROPHET', series), {
        onProgress: (progress) => seen.push(progress),
      });
      const known = seen.length;
      expect(seen).toEqual(trained.history);
      await pool.train(taskOf('NAIVE', series));
      expect(seen).toHaveLength(known);
    }
  });

  it('stops when it is cancelled, and hands its thread to the next task', async () => {
    const pool = open();
    const cancel = new AbortController();
    const [training] = await begin(pool, endless, cancel.signal);
    const next = pool.forecast(await forecastTask());
    cancel.abort();
    await expect(training).rejects.toMatchObject({ code: 'task_cancelled', retryable: true });
    expect((await next).values['load']?.[0]).toBe(series.columns['load']?.at(-1));
  });

  it('hands on why a training failed for good', async () => {
    const diverging = taskOf('GRU', series, { outputSeqLen: 1, learningRate: 1e30 });
    await expect(open().train(diverging)).rejects.toMatchObject({
      name: 'RuntimeError',
      code: 'loss_diverged',
      retryable: false,
      message: expect.stringContaining('epoch'),
    });
  });

  it('closed, ends what runs and what waits, and takes nothing more', async () => {
    const pool = open();
    const forecast = await forecastTask();
    const [training] = await begin(pool, endless);
    const waiting = pool.forecast(forecast);
    waiting.catch(() => {});
    await pool.close();
    const closed = { name: 'RuntimeError', code: 'pool_closed', retryable: true };
    await expect(training).rejects.toMatchObject(closed);
    await expect(waiting).rejects.toMatchObject(closed);
    await expect(pool.forecast(forecast)).rejects.toMatchObject(closed);
    expect(pool.load()).toMatchObject({ queued: 0, active: 0 });
  });
});
