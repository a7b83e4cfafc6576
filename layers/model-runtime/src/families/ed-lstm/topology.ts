import { z } from 'zod';
import type { NetworkShape } from '../../kernels/shape.ts';
import { denseLayer, sequentialLayers, sequentialModel, type KerasLayer } from '../../networks/keras.ts';
import { recurrentKeras } from '../../networks/recurrent-topology.ts';
import { sameLayers } from '../../networks/same-model.ts';

export function encoderDecoderTopology(shape: NetworkShape): Record<string, unknown> {
  return sequentialModel(layersOf(shape));
}

function layersOf({ steps, features, units, layers, horizon, targets }: NetworkShape): KerasLayer[] {
  const numbers = Array.from({ length: layers }, (_, layer) => layer + 1);
  return [
    ...numbers.map((number) =>
      recurrentKeras('LSTM', {
        name: `encoder_${number}`,
        units,
        sequences: number < layers,
        ...(number === 1 ? { window: [steps, features] } : {}),
      }),
    ),
    { class_name: 'RepeatVector', config: { name: 'repeat', n: horizon } },
    ...numbers.map((number) => recurrentKeras('LSTM', { name: `decoder_${number}`, units, sequences: true })),
    {
      class_name: 'TimeDistributed',
      config: { name: 'time_distributed', layer: denseLayer('dense', targets) },
    },
  ];
}

const whole = z.number().int().min(1);
const first = z.object({ units: whole, batch_input_shape: z.tuple([z.null(), whole, whole]) });
const repeat = z.object({ n: whole });
const last = z.object({ layer: z.object({ config: z.object({ units: whole }) }) });

export function readEncoderDecoder(topology: unknown): NetworkShape | undefined {
  const layers = sequentialLayers(topology);
  const middle = layers?.findIndex(({ class_name }) => class_name === 'RepeatVector') ?? -1;
  const window = first.safeParse(layers?.[0]?.config).data;
  const repeated = repeat.safeParse(layers?.[middle]?.config).data;
  const answers = last.safeParse(layers?.at(-1)?.config).data;
  if (!layers || middle < 1 || !window || !repeated || !answers) return undefined;
  const [, steps, features] = window.batch_input_shape;
  const shape: NetworkShape = {
    family: 'ED_LSTM',
    steps,
    features,
    units: window.units,
    layers: middle,
    horizon: repeated.n,
    targets: answers.layer.config.units,
  };
  return sameLayers(layersOf(shape), layers) ? shape : undefined;
}
