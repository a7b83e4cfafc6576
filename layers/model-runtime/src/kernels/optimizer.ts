import { cosineTurn } from '../calendar/turn.ts';

/** The struct AdamStep of kernels/adam.ts, in its order. */
export const ADAM_FIELDS = ['b1', 'b2', 'epsilon', 'rate', 'correction'] as const;
export type AdamStep = Readonly<Record<(typeof ADAM_FIELDS)[number], number>>;

const B1 = 0.9;
const B2 = 0.999;
const EPSILON = 1e-8;
/** What the learning rate comes down to, as a share of where it starts. */
const LAST_RATE = 0.02;

/** Half a cosine from 1 to LAST_RATE (Loshchilov and Hutter 2017, without restarts); `progress` in [0, 1]. */
export function cosineDecay(progress: number): number {
  return LAST_RATE + (1 - LAST_RATE) * (0.5 + 0.5 * cosineTurn(progress / 2));
}

/**
 * The steps of one training, after the `taken` ones; powers of the decay rates are running products, the same on every
 * engine and however often the training was taken up again.
 */
export function adamSteps(taken = 0): (learningRate: number) => AdamStep {
  let [b1, b2] = [1, 1];
  for (let step = 0; step < taken; step += 1) {
    b1 *= B1;
    b2 *= B2;
  }
  return (learningRate) => {
    b1 *= B1;
    b2 *= B2;
    return {
      b1: B1,
      b2: B2,
      epsilon: EPSILON,
      rate: learningRate / (1 - b1),
      correction: 1 / Math.sqrt(1 - b2),
    };
  };
}

/** What gradients are multiplied by, so that their norm is at most `most` (Pascanu et al. 2013); 1 where that is 0. */
export function clipScale(squares: Float64Array, most: number): number {
  if (most === 0) return 1;
  let sum = 0;
  for (const square of squares) sum += square;
  const norm = Math.sqrt(sum);
  return norm > most ? most / norm : 1;
}
