import { describe, expect, it, vi } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { trainModel } from '../families/train.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { Checkpoints, TrainedModel, TrainProgress, TrainTask } from '../types.ts';
import { readCheckpoint } from './read-checkpoint.ts';

const series = seasonalSeries(160);
const deep = { epochs: 3, batchSize: 40, dropout: 0.2, numLayers: 2 };
const task = taskOf('GRU', series, deep);
/** What does not depend on how long anything took. */
const figures = (history: readonly TrainProgress[]): unknown[] =>
  history.map(({ epoch, loss, valLoss }) => ({ epoch, loss, valLoss }));
const content = ({ files, params, history }: TrainedModel): unknown => ({
  files: files.map(({ path, bytes }) => `${path} ${Buffer.from(bytes).toString('hex')}`),
  params,
  history: figures(history),
});

/** Trains until it ends or pauses; the newest checkpoint, and the model where it ended. */
async function go(
  of: TrainTask,
  checkpoints: Omit<Checkpoints, 'save'>,
): Promise<{ saved: Uint8Array[]; trained?: TrainedModel; told: TrainProgress[] }> {
  const saved: Uint8Array[] = [];
  const told: TrainProgress[] = [];
  const save = async (bytes: Uint8Array): Promise<void> => void saved.push(bytes);
  try {
    const hooks = { onProgress: (progress: TrainProgress) => void told.push(progress) };
    const trained = await trainModel(of, { ...hooks, checkpoints: { ...checkpoints, save } });
    return { saved, trained, told };
  } catch (cause) {
    if (cause instanceof RuntimeError && cause.code === 'training_paused') return { saved, told };
    throw cause;
  }
}

/** Pauses after every batch and after every validation, and goes on from what was saved. */
async function inPieces(of: TrainTask, pauseAfterMs = 0): Promise<{ trained: TrainedModel; pauses: number }> {
  let resume: Uint8Array | undefined;
  for (let pauses = 0; pauses < 100; pauses += 1) {
    const { saved, trained } = await go(of, { pauseAfterMs, ...(resume && { resume }) });
    if (trained !== undefined) return { trained, pauses };
    resume = saved.at(-1);
  }
  throw new Error('expected a training that ends');
}

describe('a checkpoint of another training', () => {
  it.each([
    ['seed', { ...task, settings: { ...task.settings, seed: 8 } }],
    ['shape', { ...task, settings: { ...task.settings, hiddenSize: 7 } }],
    ['series', taskOf('GRU', seasonalSeries(170), task.settings)],
  ])('is not taken up: another %s', async (_name, other) => {
    const [resume = new Uint8Array()] = (await go(task, { pauseAfterMs: 0 })).saved;
    await expect(trainModel(other, { checkpoints: { resume, save: async () => {} } })).rejects.toMatchObject({
      code: 'checkpoint_invalid',
      message: expect.stringContaining('of the training'),
    });
  });
});

describe('a training that is paused and taken up again', () => {
  it.each([
    ['GRU of two layers with dropout', task],
    ['LSTM', taskOf('LSTM', series, { epochs: 2, batchSize: 40 })],
    ['TCN of two layers with dropout', taskOf('TCN', series, deep)],
    ['ED_LSTM of two layers with dropout', taskOf('ED_LSTM', series, deep)],
    ['TETS of two layers with dropout', taskOf('TETS', series, deep)],
    [
      'one whose patience ends',
      { ...task, settings: { ...task.settings, learningRate: 1, epochs: 9, earlyStoppingPatience: 2 } },
    ],
  ])('after every batch comes to the same bytes: %s', async (_name, of) => {
    const whole = await trainModel(of);
    const { trained, pauses } = await inPieces(of);
    expect(content(trained)).toEqual(content(whole));
    // 97 windows of fit are three batches; the last validation ends it.
    expect(pauses).toBe(whole.history.length * 4 - 1);
  });

  it('wherever its time is over, also within a validation, comes to the same bytes', async () => {
    const whole = await trainModel(task);
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1));
    try {
      const pauses: number[] = [];
      for (let looks = 1; looks <= 30; looks += 1) {
        const pieces = await inPieces(task, looks);
        expect(content(pieces.trained), `${looks} looks at the clock`).toEqual(content(whole));
        pauses.push(pieces.pauses);
      }
      expect(new Set(pauses).size).toBeGreaterThan(3);
    } finally {
      clock.mockRestore();
    }
  });

  it('goes on from any epoch as it would have gone on', async () => {
    const whole = await go(task, {});
    for (const resume of whole.saved) {
      const again = await go(task, { resume });
      expect(again.trained && content(again.trained)).toEqual(whole.trained && content(whole.trained));
      expect(figures(again.told)).toEqual(figures(whole.told.slice(readCheckpoint(resume).epoch)));
    }
    expect(whole.saved.map((bytes) => readCheckpoint(bytes).epoch)).toEqual([1, 2, 3]);
  });
});
