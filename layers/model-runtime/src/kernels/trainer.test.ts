import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import type { BatchSettings } from './batch.ts';
import { initialWeights } from './initial-weights.ts';
import { adamSteps } from './optimizer.ts';
import { problemOf } from './testing/problem.ts';
import { createTrainer, type TrainerOf } from './trainer.ts';
import type { KernelBuild } from './wasm.ts';

const base = { steps: 6, features: 3, units: 9, layers: 2, outputs: 6, targets: 2, rows: 43 } as const;

function trainerOf(family: string, threads: number, settings: Partial<BatchSettings> = {}): TrainerOf {
  const problem = problemOf({ family, ...base });
  return {
    shape: problem.shape,
    batchSize: 20,
    settings: { ...problem.settings, ...settings },
    series: problem.series,
    fit: Int32Array.from(problem.origins),
    validate: Int32Array.from(problem.origins.slice(0, 23)),
    weights: initialWeights(problem.shape, 3),
    threads,
  };
}

/** Of what run() gives with one build. They change with RUNTIME_VERSION alone, since equal training keys promise equal weights. */
const DIGESTS: Readonly<Record<string, string>> = {
  GRU: 'e9b14015d8758210',
  LSTM: 'a8ecbe3021595345',
  TCN: '3c2ad9f2008bd230',
  ED_LSTM: '5eda240b662fd67e',
  TETS: '1b618a805a4b7e09',
};

/** Two epochs: what the losses were and what the weights are, to the bit. */
async function run(of: TrainerOf): Promise<string> {
  const trainer = createTrainer(of);
  const adam = adamSteps();
  const losses: number[] = [];
  try {
    for (let epoch = 0; epoch < 2; epoch += 1) {
      trainer.order(Uint32Array.from({ length: of.fit.length }, (_, at) => (at * 7 + epoch) % of.fit.length));
      for (let start = 0; start < of.fit.length; start += of.batchSize) {
        const count = Math.min(of.batchSize, of.fit.length - start);
        losses.push(trainer.train({ start, count, key: start, learningRate: 0.01 }, adam(0.01)));
      }
      losses.push(await trainer.evaluate(() => Promise.resolve()));
    }
    const bytes = trainer.weights().map(({ values }) => Buffer.from(values.buffer).toString('hex'));
    return [...losses, ...bytes].join(' ');
  } finally {
    await trainer.close();
  }
}

describe.each(NETWORK_TYPES)('a trainer of %s', (family) => {
  it('gives the same losses and weights with any number of threads', async () => {
    const settings = { dropout: 0.2, clipNorm: 0.5, weightDecay: 0.1 };
    const alone = await run(trainerOf(family, 1, settings));
    for (const threads of [1, 2, 3, 8]) expect(await run(trainerOf(family, threads, settings))).toBe(alone);
  });

  it('gives the bits that it gave before, whatever the machine and the version of Node', async () => {
    const digest = createHash('sha256')
      .update(await run(trainerOf(family, 1)))
      .digest('hex');
    expect(digest.slice(0, 16)).toBe(DIGESTS[family]);
  });

  it('gives nearly the same losses with fused multiply-add', async () => {
    const lossesOf = async (build: KernelBuild): Promise<number[]> =>
      (await run({ ...trainerOf(family, 1), build })).split(' ').slice(0, 8).map(Number);
    const plain = await lossesOf('kernels');
    for (const [at, loss] of (await lossesOf('kernels-fma')).entries())
      expect(loss).toBeCloseTo(plain[at] ?? NaN, 5);
  });

  it.each([
    ['kernels', 'kernels-wide'],
    ['kernels-fma', 'kernels-wide-fma'],
  ] as const)('gives the bits of %s in tiles for wide vectors', async (narrow, wide) => {
    const expected = await run({ ...trainerOf(family, 1), build: narrow });
    for (const threads of [1, 2])
      expect(await run({ ...trainerOf(family, threads), build: wide })).toBe(expected);
  });

  it('gives other weights with dropout than without', async () => {
    expect(await run(trainerOf(family, 1, { dropout: 0.2 }))).not.toBe(await run(trainerOf(family, 1)));
  });

  it('gives back the weights that it was told to keep', async () => {
    const of = trainerOf(family, 1);
    const trainer = createTrainer(of);
    trainer.order(Uint32Array.from(of.fit.keys()));
    trainer.keep();
    const step = adamSteps();
    trainer.train({ start: 0, count: 20, key: 0, learningRate: 0.1 }, step(0.1));
    expect(trainer.weights().map(({ values }) => values)).toEqual(of.weights);
    await trainer.close();
  });
});

describe('a trainer', () => {
  it('says how much memory it would need where that is too much', () => {
    const of = trainerOf('LSTM', 1);
    const huge = { ...of, shape: { ...of.shape, steps: 100_000, units: 4096 } };
    expect(() => createTrainer(huge)).toThrow(
      expect.objectContaining({
        code: 'setting_invalid',
        message: expect.stringMatching(/at most 2048 MB, got \d+ MB .*20 rows.*100000 steps.*4096 units/u),
      }),
    );
  });
});
