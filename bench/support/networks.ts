import { initialWeights } from '../../layers/model-runtime/src/kernels/initial-weights.ts';
import type { RecurrentShape } from '../../layers/model-runtime/src/kernels/shape.ts';
import { createRandom } from '../../layers/model-runtime/src/random.ts';

/** What both benches compare: windows of 10 steps x 17 features, 17 numbers answered. */
export const NETWORKS = (['GRU', 'LSTM'] as const).flatMap((cell) =>
  [
    [128, 2],
    [64, 1],
  ].map(([units = 0, layers = 0]): RecurrentShape => ({
    cell,
    units,
    layers,
    steps: 10,
    features: 17,
    outputs: 17,
  })),
);

export const BATCH = 64;

export function nameOf({ cell, units, layers }: RecurrentShape): string {
  return `${cell} ${units}x${layers}`;
}

export function noise(length: number): Float32Array {
  const random = createRandom(1);
  return Float32Array.from({ length }, () => 2 * random() - 1);
}

export function weightsOf(shape: RecurrentShape): Float32Array[] {
  return initialWeights(shape, 1);
}
