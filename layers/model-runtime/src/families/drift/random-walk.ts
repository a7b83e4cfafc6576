import { univariateFamily } from '../univariate-family.ts';

/** A baseline: evaluate fits it for every claim. */
export const drift = {
  ...univariateFamily({
    type: 'DRIFT',
    summary: 'A random walk with drift: the last value, and the mean change of the fit at each step.',
    version: 1,
    leastRows: 2,
    model: async () => (await import('./drift.ts')).createDrift(),
  }),
  trainer: null,
};
