import { z } from 'zod';
import type { Cell } from '../kernels/blocks/recurrent.ts';
import { outputsOf, type NetworkShape } from '../kernels/shape.ts';
import { denseLayer, reshapeLayer, sequentialLayers, sequentialModel, type KerasLayer } from './keras.ts';

/**
 * Recurrent layers, a dense layer, a reshape to [horizon, targets]. TF.js offers the GRU of Cho et al. (2014) alone,
 * `reset_after: false`.
 */
export function recurrentTopology(cell: Cell, shape: NetworkShape): Record<string, unknown> {
  const { steps, features, units, layers } = shape;
  const recurrent = Array.from({ length: layers }, (_, layer) =>
    recurrentKeras(cell, {
      name: `${cell.toLowerCase()}_${layer + 1}`,
      units,
      sequences: layer < layers - 1,
      ...(layer === 0 ? { window: [steps, features] } : {}),
    }),
  );
  const { horizon, targets } = shape;
  return sequentialModel([
    ...recurrent,
    denseLayer('dense', outputsOf(shape)),
    reshapeLayer(horizon, targets),
  ]);
}

interface RecurrentKerasOf {
  readonly name: string;
  readonly units: number;
  /** Whether it answers every step, or the last alone. */
  readonly sequences: boolean;
  /** Steps and features of the windows, where it is the first layer. */
  readonly window?: readonly number[];
}

export function recurrentKeras(cell: Cell, { name, units, sequences, window }: RecurrentKerasOf): KerasLayer {
  return {
    class_name: cell,
    config: {
      name,
      trainable: true,
      ...(window === undefined ? {} : { batch_input_shape: [null, ...window], dtype: 'float32' }),
      units,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      use_bias: true,
      return_sequences: sequences,
      ...(cell === 'GRU' ? { reset_after: false } : { unit_forget_bias: true }),
    },
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
const plainLayer = z.discriminatedUnion('class_name', [
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
const plainLayers = z.array(plainLayer).min(2);
type PlainLayer = z.infer<typeof plainLayer>;

/** `isShaped`: whether it has to end with the reshape, or may end with its dense layer. */
export function readRecurrent(cell: Cell, topology: unknown, isShaped: boolean): NetworkShape | undefined {
  // One of a kind that the kernels do not run leaves it to TF.js.
  const layers = plainLayers.safeParse(sequentialLayers(topology)).data;
  const reshape = layers?.at(-1);
  if (layers === undefined || reshape?.class_name !== 'Reshape')
    return isShaped || layers === undefined ? undefined : shapeOf(cell, layers);
  const shape = shapeOf(cell, layers.slice(0, -1));
  if (shape === undefined) return undefined;
  const [horizon, targets] = reshape.config.target_shape;
  if (outputsOf(shape) === horizon * targets) return { ...shape, horizon, targets };
  return isShaped ? undefined : shape;
}

/** Recurrent layers alike, then a dense one, of which it is not known how many steps it answers. */
function shapeOf(family: Cell, layers: readonly PlainLayer[]): NetworkShape | undefined {
  const [dense, ...recurrent] = layers.toReversed();
  const cells = recurrent.toReversed().flatMap((each) => (isRecurrent(each) ? [each] : []));
  const [first] = cells;
  if (dense?.class_name !== 'Dense' || first?.class_name !== family) return undefined;
  const [, steps, features] = first.config.batch_input_shape ?? [];
  const { units } = first.config;
  const alike = cells.every(
    (cell, index) =>
      cell.class_name === family &&
      cell.config.units === units &&
      cell.config.return_sequences === index < cells.length - 1,
  );
  if (!alike || cells.length !== recurrent.length || steps === undefined || features === undefined)
    return undefined;
  return { family, steps, features, units, layers: cells.length, horizon: 1, targets: dense.config.units };
}

type RecurrentLayer = Extract<PlainLayer, { class_name: 'GRU' | 'LSTM' }>;

function isRecurrent(each: PlainLayer): each is RecurrentLayer {
  return each.class_name === 'GRU' || each.class_name === 'LSTM';
}
