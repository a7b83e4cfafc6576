import type { Architecture } from '../../networks/architecture.ts';
import { recurrentArchitecture } from '../../networks/recurrent.ts';

/** Long short-term memory (Hochreiter and Schmidhuber 1997): layers alike, then a dense layer over the last step. */
export const lstm: Architecture = {
  type: 'LSTM',
  summary: 'Long short-term memory (Hochreiter and Schmidhuber 1997), then a dense layer over the last step.',
  version: 1,
  isUsual: true,
  ...recurrentArchitecture('LSTM'),
};
