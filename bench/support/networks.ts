import { initialWeights } from '../../layers/model-runtime/src/kernels/initial-weights.ts';
import type { NetworkShape } from '../../layers/model-runtime/src/kernels/shape.ts';
import { createRandom } from '../../layers/model-runtime/src/random.ts';

/** What both benches compare: windows of 10 steps x 17 features, 17 numbers answered. */
export const NETWORKS = (['GRU', 'LSTM'] as const).flatMap((family) =>
  [
    [128, 2],
    [64, 1],
  ].map(([units = 0, layers = 0]): NetworkShape => ({
    family,
    units,
    layers,
    steps: 10,
    features: 17,
    horizon: 1,
    targets: 17,
  })),
);

export const BATCH = 64;

export function nameOf({ family, units, layers }: NetworkShape): string {
  return `${family} ${units}x${layers}`;
}

export function noise(length: number): Float32Array {
  const random = createRandom(1);
  return Float32Array.from({ length }, () => 2 * random() - 1);
}

export function weightsOf(shape: NetworkShape): Float32Array[] {
  return initialWeights(shape, 1);
}
