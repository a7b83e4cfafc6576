import { univariateFamily } from '../univariate-family.ts';

export const autoEts = univariateFamily({
  type: 'AUTOETS',
  summary:
    'Exponential smoothing in all permitted forms, averaged by AICc (Hyndman, Koehler, Ord and Snyder 2008).',
  version: 1,
  leastRows: 6,
  cost: { microsecondsARow: 40 },
  model: async () => (await import('./ets.ts')).createEts(),
});
