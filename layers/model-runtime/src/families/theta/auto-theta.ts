import { univariateFamily } from '../univariate-family.ts';

export const autoTheta = univariateFamily({
  type: 'AUTOTHETA',
  summary:
    'The dynamic optimised theta method and its relatives (Fiorucci et al. 2016), seasonally adjusted.',
  version: 1,
  leastRows: 5,
  cost: { microsecondsARow: 1 },
  model: async () => (await import('./theta.ts')).createTheta(),
});
