import { createRandom } from '../random.ts';
import { architectureOf } from '../families/networks.ts';
import type { NetworkShape } from './shape.ts';

/** The weights that a training begins with, in the order of weightShapes: drawn from the seed alone, as each family says. */
export function initialWeights(shape: NetworkShape, seed: number): Float32Array[] {
  const random = createRandom(seed);
  return architectureOf(shape)
    .arrays(shape)
    .map(({ initial }) => initial(random));
}
