import { univariateFamily } from '../univariate-family.ts';

export const autoCes = univariateFamily({
  type: 'AUTOCES',
  summary: 'Complex exponential smoothing (Svetunkov, Kourentzes and Ord 2022), the form by AICc.',
  version: 1,
  leastRows: 7,
  cost: { microsecondsARow: 20 },
  model: async () => (await import('./ces.ts')).createCes(),
});
