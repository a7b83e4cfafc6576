import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { recurrentName, weightShapes, type WeightArray } from './weights.ts';
import type { RecurrentShape } from './shape.ts';

/** What a network answers is [horizon, targets]. */
export interface AnswerShape {
  readonly horizon: number;
  readonly targets: number;
}

/**
 * The topology of a TF.js LayersModel: recurrent layers, a dense layer, a reshape to [horizon, targets]. TF.js offers the
 * GRU of Cho et al. (2014) alone, `reset_after: false`.
 */
export function kerasTopology(
  shape: RecurrentShape,
  { horizon, targets }: AnswerShape,
): Record<string, unknown> {
  const recurrent = Array.from({ length: shape.layers }, (_, layer) => ({
    class_name: shape.cell,
    config: {
      name: recurrentName(shape.cell, layer),
      trainable: true,
      ...(layer === 0 ? { batch_input_shape: [null, shape.steps, shape.features], dtype: 'float32' } : {}),
      units: shape.units,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      use_bias: true,
      return_sequences: layer < shape.layers - 1,
      ...(shape.cell === 'GRU' ? { reset_after: false } : { unit_forget_bias: true }),
    },
  }));
  const dense = {
    class_name: 'Dense',
    config: { name: 'dense', trainable: true, units: shape.outputs, activation: 'linear', use_bias: true },
  };
  const reshape = { class_name: 'Reshape', config: { name: 'reshape', target_shape: [horizon, targets] } };
  return {
    class_name: 'Sequential',
    config: { name: 'forecaster', layers: [...recurrent, dense, reshape] },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

const whole = z.number().int().min(1);
const plainRecurrent = {
  units: whole,
  activation: z.literal('tanh'),
  recurrent_activation: z.literal('sigmoid'),
  use_bias: z.literal(true),
  return_sequences: z.boolean(),
  return_state: z.literal(false).optional(),
  go_backwards: z.literal(false).optional(),
  stateful: z.literal(false).optional(),
  unroll: z.boolean().optional(),
  batch_input_shape: z.tuple([z.null(), whole, whole]).optional(),
};
const layer = z.discriminatedUnion('class_name', [
  z.object({
    class_name: z.literal('GRU'),
    config: z.object({ ...plainRecurrent, reset_after: z.literal(false).nullish() }),
  }),
  z.object({ class_name: z.literal('LSTM'), config: z.object(plainRecurrent) }),
  z.object({
    class_name: z.literal('Dense'),
    config: z.object({ units: whole, activation: z.literal('linear'), use_bias: z.literal(true) }),
  }),
  z.object({
    class_name: z.literal('Reshape'),
    config: z.object({ target_shape: z.tuple([whole, whole]) }),
  }),
]);
const sequential = z.object({
  class_name: z.literal('Sequential'),
  config: z.object({ layers: z.array(z.record(z.string(), z.unknown())) }),
});
const fusedLayers = z.array(layer).min(2);
type FusedLayer = z.infer<typeof layer>;

/** The shape of a model that the kernels can run; undefined where it is any other. */
export function fusedShape(topology: unknown): (RecurrentShape & AnswerShape) | undefined {
  const layers = layersOf(topology);
  const reshape = layers?.at(-1);
  const shape = layers && shapeOf(layers.slice(0, -1));
  if (reshape?.class_name !== 'Reshape' || shape === undefined) return undefined;
  const [horizon, targets] = reshape.config.target_shape;
  return shape.outputs === horizon * targets ? { ...shape, horizon, targets } : undefined;
}

/** Like fusedShape, also of a model that ends with its dense layer: what it can give to a training is its weights. */
export function recurrentShape(topology: unknown): RecurrentShape | undefined {
  const layers = layersOf(topology);
  const isReshaped = layers?.at(-1)?.class_name === 'Reshape';
  return layers && shapeOf(isReshaped ? layers.slice(0, -1) : layers);
}

/** Recurrent layers alike, then a dense one; undefined where they are any others. */
function shapeOf(layers: readonly FusedLayer[]): RecurrentShape | undefined {
  const [dense, ...recurrent] = layers.toReversed();
  const cells = recurrent.toReversed().flatMap((each) => (isRecurrent(each) ? [each] : []));
  const [first] = cells;
  if (dense?.class_name !== 'Dense' || first === undefined) return undefined;
  const [, steps, features] = first.config.batch_input_shape ?? [];
  const { units } = first.config;
  const alike = cells.every(
    (cell, index) =>
      cell.class_name === first.class_name &&
      cell.config.units === units &&
      cell.config.return_sequences === index < cells.length - 1,
  );
  if (!alike || cells.length !== recurrent.length || steps === undefined || features === undefined)
    return undefined;
  const outputs = dense.config.units;
  return { cell: first.class_name, steps, features, units, layers: cells.length, outputs };
}

/** undefined where one of them is of a kind that the kernels do not run. An InputLayer only says the shape of the next. */
function layersOf(topology: unknown): FusedLayer[] | undefined {
  const model = sequential.safeParse(withoutWrapper(topology));
  if (!model.success) return undefined;
  const [input, first, ...rest] = model.data.config.layers;
  const { batch_input_shape } = Object(input?.['config']);
  const isInput = input?.['class_name'] === 'InputLayer';
  const shaped = { ...first, config: { batch_input_shape, ...Object(first?.['config']) } };
  return fusedLayers.safeParse(isInput ? [shaped, ...rest] : model.data.config.layers).data;
}

type RecurrentLayer = Extract<FusedLayer, { class_name: 'GRU' | 'LSTM' }>;

function isRecurrent(each: FusedLayer): each is RecurrentLayer {
  return each.class_name === 'GRU' || each.class_name === 'LSTM';
}

/** Keras' own files keep the model in `model_config`. */
function withoutWrapper(topology: unknown): unknown {
  const wrapped = z.object({ model_config: z.unknown() }).safeParse(topology);
  return wrapped.success ? (wrapped.data.model_config ?? topology) : topology;
}

/** weights.bin of a fused shape as arrays. @throws RuntimeError model_corrupt where names or shapes are others */
export function kerasWeights(
  shape: RecurrentShape,
  specs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  bytes: Uint8Array,
): WeightArray[] {
  const buffer = Uint8Array.from(bytes).buffer;
  let offset = 0;
  return weightShapes(shape).map((expected, index) => {
    const spec = specs[index];
    const length = expected.shape.reduce((product, size) => product * size, 1);
    if (spec === undefined || spec.shape.join() !== expected.shape.join())
      throw new RuntimeError(
        'model_corrupt',
        `expected weights ${expected.name} of shape ${expected.shape.join(' x ')}, got ${spec?.name ?? 'none'} of ${spec?.shape.join(' x ') ?? 'none'}`,
      );
    const values = new Float32Array(buffer, offset, length);
    offset += values.byteLength;
    return { ...expected, values };
  });
}
