import { univariateFamily } from '../univariate-family.ts';

export const mfles = univariateFamily({
  type: 'MFLES',
  summary: 'A bending trend, Fourier seasons and smoothing, boosted on what the others leave.',
  version: 1,
  leastRows: 5,
  model: async () => (await import('./mfles.ts')).createMfles(),
});
