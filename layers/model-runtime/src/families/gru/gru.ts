import type { Architecture } from '../../networks/architecture.ts';
import { recurrentArchitecture } from '../../networks/recurrent.ts';

/** Gated recurrent unit (Cho et al. 2014): layers alike, then a dense layer over the last step. */
export const gru: Architecture = {
  type: 'GRU',
  summary: 'Gated recurrent units (Cho et al. 2014), then a dense layer over the last step.',
  version: 1,
  isUsual: true,
  ...recurrentArchitecture('GRU'),
};
