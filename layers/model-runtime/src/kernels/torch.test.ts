import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import { adamSteps } from './optimizer.ts';
import { createTrainer } from './trainer.ts';
import { weightShapes } from './weights.ts';
import recorded from './testing/torch-losses.json' with { type: 'json' };

/** Uniform in [-1, 1): the generator of testing/record-torch-losses.py. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function series(): Float32Array {
  const { rows, features } = recorded;
  const draw = numbers(1);
  return Float32Array.from({ length: rows * features }, (_, at) => {
    const [row, feature] = [Math.floor(at / features), at % features];
    const noise = Math.fround(0.25 * Math.fround(draw()));
    return (row % (6 + 2 * feature)) / 4 - 1 + noise;
  });
}

function order(draw: () => number, count: number): Uint32Array {
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.trunc(((draw() + 1) / 2) * (last + 1));
    [indices[last], indices[other]] = [indices[other] ?? 0, indices[last] ?? 0];
  }
  return indices;
}

async function losses(family: string): Promise<number[]> {
  const { rows, batchSize, epochs, learningRate, horizon, targets, ...shape } = recorded;
  const { steps, features, units, layers } = shape;
  const network = { family, steps, features, units, layers, horizon, targets };
  const [draw, shuffled, adam] = [numbers(2), numbers(3), adamSteps()];
  const weights = weightShapes(network).map((array) =>
    Float32Array.from({ length: array.shape.reduce((all, size) => all * size, 1) }, () =>
      Math.fround(0.4 * Math.fround(draw())),
    ),
  );
  const fit = Int32Array.from({ length: rows - horizon - steps + 1 }, (_, at) => at + steps);
  const settings = { loss: 'mse', clipNorm: 0, weightDecay: 0, dropout: 0 } as const;
  const of = { shape: network, batchSize, settings, series: series(), fit, weights };
  const trainer = createTrainer({ ...of, validate: fit.subarray(0, 1), threads: 1 });
  const history: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    trainer.order(order(shuffled, fit.length));
    let sum = 0;
    for (let start = 0; start < fit.length; start += batchSize) {
      const count = Math.min(batchSize, fit.length - start);
      sum += trainer.train({ start, count, key: 0, learningRate }, adam(learningRate)) * count;
    }
    history.push(sum / fit.length);
  }
  await trainer.close();
  return history;
}

describe('three epochs from the same weights in the same order', () => {
  it.each(NETWORK_TYPES)('have the losses of PyTorch: %s', async (family) => {
    const ours = await losses(family);
    const torch: Readonly<Record<string, readonly number[]>> = recorded.losses;
    expect(torch[family]).toHaveLength(ours.length);
    for (const [epoch, theirs] of (torch[family] ?? []).entries())
      expect(Math.abs((ours[epoch] ?? Number.NaN) / theirs - 1), `epoch ${epoch + 1}`).toBeLessThan(1e-4);
  });
});
