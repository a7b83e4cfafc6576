import { describe, expect, it } from 'vitest';
import { trainBatch } from './batch.ts';
import { trained, type Network } from './network.ts';
import { ADAM_FIELDS, adamSteps, clipScale, cosineDecay, type AdamStep } from './optimizer.ts';
import { ALONE, networkOf, problemOf } from './testing/problem.ts';
import { readWeights } from './weights.ts';

const problem = problemOf({
  family: 'LSTM',
  steps: 3,
  features: 2,
  units: 5,
  layers: 1,
  outputs: 2,
  targets: 1,
  rows: 6,
});

function writeStep({ layout, memory }: Network, step: AdamStep): void {
  const fields = ADAM_FIELDS.map((field) => step[field]);
  new Float32Array(memory.buffer, trained(layout).step, fields.length).set(fields);
}

/** Three steps in memory, and the same three in 64 bits from the gradients of each. */
function threeSteps(clipNorm: number, weightDecay: number): { ours: number[]; expected: number[] } {
  const network = networkOf(problem);
  const { layout, memory } = network;
  const adam = adamSteps();
  const all = (distance = 0): number[] =>
    readWeights(layout, memory, distance).flatMap(({ values }) => [...values]);
  const decays = readWeights(layout, memory).flatMap(({ name, values }) =>
    [...values].map(() => (name.endsWith('bias') ? 0 : weightDecay)),
  );
  let expected = all();
  let [m, v] = [expected.map(() => 0), expected.map(() => 0)];
  for (let t = 1; t <= 3; t += 1) {
    writeStep(network, adam(0.01));
    const batch = { start: 0, count: 6, key: 0, learningRate: 0.01 };
    trainBatch(network, { ...problem.settings, clipNorm, weightDecay }, batch, ALONE);
    const raw = all(trained(layout).toGradient);
    const norm = Math.sqrt(raw.reduce((sum, g) => sum + g * g, 0));
    const g = raw.map((value) => value * (clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1));
    m = m.map((value, at) => 0.9 * value + 0.1 * (g[at] ?? NaN));
    v = v.map((value, at) => 0.999 * value + 0.001 * (g[at] ?? NaN) ** 2);
    expected = expected.map((w, at) => {
      const slope = (m[at] ?? NaN) / (1 - 0.9 ** t) / (Math.sqrt((v[at] ?? NaN) / (1 - 0.999 ** t)) + 1e-8);
      return w * (1 - 0.01 * (decays[at] ?? NaN)) - 0.01 * slope;
    });
  }
  return { ours: all(), expected };
}

describe('Adam', () => {
  it.each([
    ['alone', 0, 0],
    ['with gradients clipped', 0.05, 0],
    ['with weight decay', 0, 0.5],
  ])('moves weights as its equations say, %s', (_name, clipNorm, weightDecay) => {
    const { ours, expected } = threeSteps(clipNorm, weightDecay);
    for (const [at, w] of ours.entries()) expect(w).toBeCloseTo(expected[at] ?? NaN, 5);
  });

  it('clips the norm over all squares, and nothing that is shorter', () => {
    expect(clipScale(Float64Array.from([9, 16]), 1)).toBe(0.2);
    expect(clipScale(Float64Array.from([9, 16]), 5)).toBe(1);
    expect(clipScale(Float64Array.from([9, 16]), 0)).toBe(1);
  });
});

describe('the learning rate', () => {
  it('falls along half a cosine to a fiftieth', () => {
    expect([0, 0.5, 1].map(cosineDecay)).toEqual([1, expect.closeTo(0.51, 12), expect.closeTo(0.02, 12)]);
    const rates = Array.from({ length: 101 }, (_, at) => cosineDecay(at / 100));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  });
});
