import { denseHead } from '../../kernels/blocks/dense.ts';
import { repeatLast } from '../../kernels/blocks/repeat.ts';
import { encoderDecoderTopology, readEncoderDecoder } from './topology.ts';
import type { Architecture } from '../../networks/architecture.ts';
import { denseArrays, recurrentArrays, recurrentLayers } from '../../networks/recurrent.ts';

/**
 * Encoder-decoder LSTM (Cho et al. 2014; Sutskever et al. 2014): what the encoder answers to the last step is the decoder's
 * input at every step of the horizon, and a dense layer makes each step's answers of the decoder's.
 */
export const edLstm: Architecture = {
  type: 'ED_LSTM',
  summary: 'Encoder-decoder LSTM (Cho et al. 2014; Sutskever et al. 2014).',
  version: 1,
  arrays: ({ features, units, layers, targets }) => [
    ...recurrentArrays('LSTM', { prefix: 'encoder', features, units, layers }),
    ...recurrentArrays('LSTM', { prefix: 'decoder', features: units, units, layers }),
    ...denseArrays(units, targets, 'time_distributed'),
  ],
  blocks: (plan, shape, input) => {
    const { units: features, horizon, targets } = shape;
    const encoder = recurrentLayers(plan, { cell: 'LSTM', shape, input, features: shape.features });
    const repeated = repeatLast(plan, encoder.at(-1)?.out ?? input, horizon);
    const decoder = recurrentLayers(plan, { cell: 'LSTM', shape, input: repeated.out, features });
    const out = decoder.at(-1)?.out ?? repeated.out;
    const head = denseHead(plan, { input: out, features, horizon, targets, each: true });
    return { blocks: [...encoder, repeated, ...decoder, head], answers: head.answers };
  },
  topology: encoderDecoderTopology,
  read: readEncoderDecoder,
};
