import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import { fusedShape, kerasTopology, kerasWeights } from './keras-model.ts';
import { weightShapes } from './weights.ts';

const sizes = { steps: 7, features: 3, units: 5, layers: 2, horizon: 3, targets: 2 };
const shape = { family: 'GRU', ...sizes } as const;

interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
}

/** The topology with one layer's class or settings changed. */
function changed(
  index: number,
  config: Record<string, unknown>,
  className?: string,
  family: string = 'GRU',
): unknown {
  const topology = structuredClone(kerasTopology({ ...shape, family })) as {
    config: { layers: LayerJson[] };
  };
  const layer = topology.config.layers.at(index);
  if (layer !== undefined) Object.assign(layer.config, config);
  if (layer !== undefined && className !== undefined) layer.class_name = className;
  return topology;
}

/** TCN's topology with a layer that reads others. */
function rewired(index: number, inbound_nodes: unknown): unknown {
  const topology = structuredClone(kerasTopology({ ...shape, family: 'TCN' })) as {
    config: { layers: LayerJson[] };
  };
  Object.assign(topology.config.layers[index] ?? {}, { inbound_nodes });
  return topology;
}

describe('a topology', () => {
  it.each(NETWORK_TYPES)('of %s is read as it was written', (family) => {
    const topology = kerasTopology({ ...shape, family });
    expect(fusedShape(topology)).toEqual({ ...shape, family });
    expect(fusedShape({ model_config: topology })).toEqual({ ...shape, family });
  });

  it.each([
    ['another activation', changed(0, { activation: 'relu' })],
    ['hard sigmoid gates', changed(1, { recurrent_activation: 'hard_sigmoid' })],
    ['the reset gate after the product', changed(0, { reset_after: true })],
    ['no bias', changed(0, { use_bias: false })],
    ['layers of different size', changed(1, { units: 6 })],
    ['layers of different kind', changed(1, {}, 'LSTM')],
    ['a lower layer that answers its last step alone', changed(0, { return_sequences: false })],
    ['a layer that goes backwards', changed(0, { go_backwards: true })],
    ['an answer of another size', changed(3, { target_shape: [3, 3] })],
    ['a kind of layer that is not known', changed(2, {}, 'Conv1D')],
    ['no window', changed(0, { batch_input_shape: undefined })],
    ['something else', { class_name: 'Model' }],
    ['another dilation', changed(3, { dilation_rate: [2, 1] }, undefined, 'TCN')],
    [
      'another padding',
      changed(
        2,
        {
          padding: [
            [1, 1],
            [0, 0],
          ],
        },
        undefined,
        'TCN',
      ),
    ],
    ['groups of channels', changed(3, { groups: 2 }, undefined, 'TCN')],
    ['another epsilon of a norm', changed(-6, { epsilon: 1e-5 }, undefined, 'TETS')],
    ['a decoder that goes backwards', changed(3, { go_backwards: true }, undefined, 'ED_LSTM')],
    ['a decoder of other size', changed(4, { units: 6 }, undefined, 'ED_LSTM')],
    ['no rectifier', changed(3, { activation: 'linear' }, undefined, 'TCN')],
    [
      'a sum of other layers',
      rewired(7, [
        [
          ['conv_1_2', 0, 0, {}],
          ['conv_1_1', 0, 0, {}],
        ],
      ]),
    ],
    ['a layer called with arguments', rewired(8, [[['add_1', 0, 0, { training: true }]]])],
    [
      'another step than the last',
      changed(
        -4,
        {
          cropping: [
            [5, 1],
            [0, 0],
          ],
        },
        undefined,
        'TCN',
      ),
    ],
  ])('is left to TF.js with %s', (_name, topology) => {
    expect(fusedShape(topology)).toBeUndefined();
  });
});

describe('weights of a file', () => {
  const specs = weightShapes(shape).map(({ name, shape: size }) => ({
    name: `foreign/${name}`,
    shape: size,
  }));
  const floats = Float32Array.from({ length: 500 }, (_, at) => at);
  const bytes = new Uint8Array(floats.buffer);

  it('are told apart by their order and shape', () => {
    const [kernel, recurrent, bias] = kerasWeights(shape, specs, bytes);
    expect([kernel?.values[0], recurrent?.values[0], bias?.values[0]]).toEqual([0, 45, 120]);
    expect(bias).toMatchObject({ shape: [15], values: floats.subarray(120, 135) });
  });

  it('of other shapes are refused, by name', () => {
    const turned = specs.map((spec, at) => (at === 0 ? { ...spec, shape: [15, 3] } : spec));
    expect(() => kerasWeights(shape, turned, bytes)).toThrow(
      expect.objectContaining({
        code: 'model_corrupt',
        message: expect.stringContaining('3 x 15, got foreign'),
      }),
    );
    expect(() => kerasWeights(shape, specs.slice(0, 5), bytes)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('got none') }),
    );
  });
});
