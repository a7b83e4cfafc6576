import { initialWeights } from '../../layers/model-runtime/src/kernels/initial-weights.ts';
import type { NetworkShape } from '../../layers/model-runtime/src/kernels/shape.ts';
import { createRandom } from '../../layers/model-runtime/src/random.ts';
import { NETWORK_TYPES } from '../../layers/model-runtime/src/families/networks.ts';

/** What both benches compare: windows of 10 steps x 17 features, and as many targets answered, for one step or for ten. */
const SIZES = [
  { units: 128, layers: 2 },
  { units: 64, layers: 1 },
];

/** Of the families that the command line names, as `npm run bench:train -- TCN TETS`; without any, of all. */
export const NETWORKS = chosen().flatMap((family) =>
  SIZES.map((size): NetworkShape => {
    const horizon = family === 'ED_LSTM' ? 10 : 1;
    return { family, ...size, steps: 10, features: 17, horizon, targets: 17 };
  }),
);

function chosen(): readonly string[] {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !NETWORK_TYPES.some((family) => family === name));
  if (unknown.length > 0)
    throw new Error(`expected families among ${NETWORK_TYPES.join(', ')}, got ${unknown.join(', ')}`);
  return NETWORK_TYPES.filter((family) => names.length === 0 || names.includes(family));
}

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
