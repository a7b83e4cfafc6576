import { createRandom } from '../../random.ts';
import { trainBatch, type Batch, type BatchSettings } from '../batch.ts';
import { layoutOf } from '../layout.ts';
import { openBlocks, packBackward, trained, type Network } from '../network.ts';
import type { NetworkShape } from '../shape.ts';
import { instantiate, kernelMemory, kernelModule } from '../wasm.ts';
import { weightShapes, writeWeights } from '../weights.ts';

/** Random weights and data for one batch. */
export interface Problem {
  readonly shape: NetworkShape;
  readonly settings: BatchSettings;
  readonly weights: readonly Float32Array[];
  readonly series: Float32Array;
  readonly origins: readonly number[];
}

export interface ProblemOf extends Omit<NetworkShape, 'horizon'> {
  /** Numbers answered: horizon x targets. */
  readonly outputs: number;
  readonly rows: number;
  readonly loss?: BatchSettings['loss'];
  readonly dropout?: number;
  /** Of weights and data, default 1: large ones drive gates into saturation. */
  readonly scale?: number;
}

export function problemOf({
  outputs,
  rows,
  loss = 'mse',
  dropout = 0,
  scale = 1,
  ...sizes
}: ProblemOf): Problem {
  const random = createRandom(11);
  const draw = (length: number): Float32Array =>
    Float32Array.from({ length }, () => 2 * scale * (random() - 0.5));
  const horizon = outputs / sizes.targets;
  const shape = { ...sizes, horizon };
  const weights = weightShapes(shape).map((array) => draw(array.shape.reduce((all, size) => all * size, 1)));
  const series = draw((rows + shape.steps + horizon) * shape.features);
  const origins = Array.from({ length: rows }, (_, row) => shape.steps + ((row * 5) % rows));
  const settings = { loss, clipNorm: 0, weightDecay: 0, dropout };
  return { shape, settings, weights, series, origins };
}

/** A network in memory with the problem's weights, data and windows, whose batches may be larger than the problem. */
export function networkOf({ shape, settings, weights, series, origins }: Problem): Network {
  const rows = origins.length + 9;
  const sizes = { series: series.length, fit: rows, validate: rows };
  const training = { dropout: settings.dropout > 0, ...sizes };
  const layout = layoutOf({ shape, lanes: 8, rows, training });
  const memory = kernelMemory(layout.bytes);
  const kernels = instantiate(kernelModule(), memory);
  new Float32Array(memory.buffer, trained(layout).series).set(series);
  new Uint32Array(memory.buffer, trained(layout).fitOrigins).set(origins);
  writeWeights(layout, memory, weights);
  const network = { kernels, layout, memory };
  openBlocks(network, Math.ceil(origins.length / 8));
  packBackward(network);
  return network;
}

export const ALONE = { index: 0, members: 1, meet: (): void => {} };

/** A step that moves nothing: it leaves losses and gradients in memory. */
export function passBatch(network: Network, { settings, origins }: Problem): Batch {
  const batch = { start: 0, count: origins.length, key: 5, learningRate: 0 };
  const step = new Float32Array(network.memory.buffer, trained(network.layout).step, 5);
  step.set([0.9, 0.999, 1e-8, 0, 1]);
  trainBatch(network, settings, batch, ALONE);
  return batch;
}

/** [step][feature] before an origin. */
export function contextOf({ shape, series }: Problem, origin: number): number[][] {
  return Array.from({ length: shape.steps }, (_, step) => {
    const at = (origin - shape.steps + step) * shape.features;
    return [...series.subarray(at, at + shape.features)];
  });
}

/** The answers that are right, from the origin on. */
export function truthOf({ shape, series }: Problem, origin: number): number[] {
  return Array.from({ length: shape.horizon }, (_, step) => {
    const at = (origin + step) * shape.features;
    return [...series.subarray(at, at + shape.targets)];
  }).flat();
}
