import { createPredictor } from '../layers/model-runtime/src/kernels/predictor.ts';
import type { NetworkShape } from '../layers/model-runtime/src/kernels/shape.ts';
import type { KernelBuild } from '../layers/model-runtime/src/kernels/wasm.ts';
import { interleave } from './support/interleave.ts';
import { MODES, type Mode } from './support/modes.ts';
import { NETWORKS, nameOf, noise, weightsOf } from './support/networks.ts';
import { tfjsPrediction } from './support/tfjs.ts';
import { startTorch } from './support/torch.ts';

/** `npm run bench:predict`: milliseconds for one window and for 1,024, against PyTorch on one CPU thread and TF.js on WASM. */
const ROUNDS = 10;

/** Milliseconds a pass, the mean of several. */
function ourPrediction(shape: NetworkShape, windows: number, build: KernelBuild): () => Promise<number> {
  const { predict } = createPredictor(shape, weightsOf(shape), build);
  const contexts = noise(windows * shape.steps * shape.features);
  const passes = Math.max(3, Math.floor(300 / windows));
  return async () => {
    const started = performance.now();
    for (let pass = 0; pass < passes; pass += 1) predict(contexts);
    return (performance.now() - started) / passes;
  };
}

async function compare(shape: NetworkShape, windows: number, { label, build }: Mode): Promise<void> {
  const name = `predict ${nameOf(shape)}, windows: ${windows}${label}`;
  const ours = { name: build, measure: ourPrediction(shape, windows, build) };
  if (torch !== undefined) {
    const words = ['predict', shape.family, shape.units, shape.layers, 1, windows] as const;
    const measure = async (): Promise<number> => 1000 * (await torch.measure(...words));
    await interleave({ name, unit: 'ms', ours, theirs: { name: 'pytorch', measure }, rounds: ROUNDS });
  }
  if (build !== 'kernels') return;
  const theirs = { name: 'tfjs-wasm', measure: await tfjsPrediction(shape, windows) };
  await interleave({ name, unit: 'ms', ours, theirs, rounds: 4 });
}

const torch = await startTorch();
for (const mode of MODES) {
  for (const shape of NETWORKS) {
    for (const windows of [1, 1024]) await compare(shape, windows, mode);
  }
}
torch?.close();
