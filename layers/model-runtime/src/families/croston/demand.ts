import { univariateFamily } from '../univariate-family.ts';

export const crostonSba = univariateFamily({
  type: 'CROSTON_SBA',
  summary:
    'Intermittent demand: sizes and intervals smoothed apart, bias taken out (Syntetos and Boylan 2005).',
  version: 1,
  leastRows: 4,
  model: async () => (await import('./croston.ts')).createDemand('CROSTON_SBA'),
});

export const tsb = univariateFamily({
  type: 'TSB',
  summary:
    'Intermittent demand: sizes and the chance of any smoothed apart (Teunter, Syntetos and Babai 2011).',
  version: 1,
  leastRows: 4,
  model: async () => (await import('./croston.ts')).createDemand('TSB'),
});
