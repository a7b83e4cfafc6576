import type { Differentiable } from './minimise.ts';

const STEP = 1e-5;

/** A function with its gradient by forward differences: one more evaluation a variable. */
export function withDifferences(evaluate: (x: Float64Array) => number): Differentiable {
  return (x, gradient) => {
    const value = evaluate(x);
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    for (let at = 0; at < x.length; at += 1) {
      const here = x[at] ?? 0;
      x[at] = here + STEP;
      gradient[at] = (evaluate(x) - value) / STEP;
      x[at] = here;
    }
    return gradient.every(Number.isFinite) ? value : Number.POSITIVE_INFINITY;
  };
}
