import { availableParallelism } from 'node:os';
import { adamSteps } from '../layers/model-runtime/src/kernels/optimizer.ts';
import type { NetworkShape } from '../layers/model-runtime/src/kernels/shape.ts';
import { createTrainer } from '../layers/model-runtime/src/kernels/trainer.ts';
import type { KernelBuild } from '../layers/model-runtime/src/kernels/wasm.ts';
import { interleave } from './support/interleave.ts';
import { MODES, type Mode } from './support/modes.ts';
import { BATCH, NETWORKS, nameOf, noise, weightsOf } from './support/networks.ts';
import { tfjsTraining } from './support/tfjs.ts';
import { startTorch } from './support/torch.ts';

/** `npm run bench:train`: milliseconds a step of Adam on 64 windows takes, against PyTorch on the CPU and TF.js on WASM. */
const BATCHES = 8;
const ROUNDS = 20;
/** Of networks whose steps are so short that it tells when a thread wakes up beside another one on the same core. */
const ROUNDS_OF_SMALL = 60;

interface Training {
  /** Milliseconds a batch. */
  measure(): Promise<number>;
  close(): Promise<void>;
}

function ourTraining(shape: NetworkShape, threads: number, build: KernelBuild): Training {
  const windows = BATCH * BATCHES;
  const fit = Int32Array.from({ length: windows }, (_, index) => index + shape.steps);
  const trainer = createTrainer({
    shape,
    batchSize: BATCH,
    settings: { loss: 'mse', clipNorm: 0, weightDecay: 0, dropout: 0 },
    series: noise((windows + shape.steps + shape.horizon) * shape.features),
    fit,
    validate: fit.subarray(0, 1),
    weights: weightsOf(shape),
    threads,
    build,
  });
  trainer.order(Uint32Array.from(fit.keys()));
  const adam = adamSteps();
  return {
    measure: async () => {
      const train = (start: number): void =>
        void trainer.train({ start, count: BATCH, key: 0, learningRate: 0.001 }, adam(0.001));
      const pass = (): void => {
        for (let start = 0; start < windows; start += BATCH) train(start);
      };
      // Both sides begin with a pass that does not count: it wakes their threads up.
      pass();
      const started = performance.now();
      pass();
      return (performance.now() - started) / BATCHES;
    },
    close: () => trainer.close(),
  };
}

async function compare(shape: NetworkShape, threads: number, { label, build }: Mode): Promise<void> {
  const training = ourTraining(shape, threads, build);
  const name = `train ${nameOf(shape)}, threads: ${threads}${label}`;
  const ours = { name: build, measure: () => training.measure() };
  if (torch !== undefined) {
    const words = ['train', shape.family, shape.units, shape.layers, threads, BATCHES] as const;
    const measure = async (): Promise<number> => (1000 * (await torch.measure(...words))) / BATCHES;
    const rounds = shape.units < 128 ? ROUNDS_OF_SMALL : ROUNDS;
    await interleave({ name, unit: 'ms/batch', ours, theirs: { name: 'pytorch', measure }, rounds });
  }
  // TF.js has no gradient of a dilated convolution, and on WASM none of an embedding.
  const canLearn = shape.family !== 'TCN' && shape.family !== 'TETS';
  if (threads === 1 && build === 'kernels' && canLearn) {
    const theirs = { name: 'tfjs-wasm', measure: await tfjsTraining(shape) };
    await interleave({ name, unit: 'ms/batch', ours, theirs, rounds: 2 });
  }
  await training.close();
}

const torch = await startTorch();
const threadCounts = availableParallelism() > 1 ? [1, 2] : [1];
for (const mode of MODES) {
  for (const shape of NETWORKS) {
    for (const threads of threadCounts) await compare(shape, threads, mode);
  }
}
torch?.close();
