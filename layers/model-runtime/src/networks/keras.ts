import { z } from 'zod';
import type { NetworkShape } from '../kernels/shape.ts';

/** A layer of a TF.js LayersModel, as its topology has it. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const layer = z.object({ class_name: z.string(), config: z.record(z.string(), z.unknown()) });
const sequential = z.object({
  class_name: z.literal('Sequential'),
  config: z.object({ layers: z.array(layer) }),
});

/** Layers one after the other; the first says the shape of the windows. */
export function sequentialModel(layers: readonly KerasLayer[]): Record<string, unknown> {
  return {
    class_name: 'Sequential',
    config: { name: 'forecaster', layers },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

export function denseLayer(name: string, units: number): KerasLayer {
  return {
    class_name: 'Dense',
    config: { name, trainable: true, units, activation: 'linear', use_bias: true },
  };
}

/** The answers as [horizon, targets]. */
export function reshapeLayer(horizon: number, targets: number): KerasLayer {
  return { class_name: 'Reshape', config: { name: 'reshape', target_shape: [horizon, targets] } };
}

/** The layers of a Sequential model; an InputLayer only says the shape of the next. undefined where it is none. */
export function sequentialLayers(topology: unknown): KerasLayer[] | undefined {
  const model = sequential.safeParse(withoutWrapper(topology));
  if (!model.success) return undefined;
  const [input, first, ...rest] = model.data.config.layers;
  if (input?.class_name !== 'InputLayer' || first === undefined) return model.data.config.layers;
  const { batch_input_shape } = input.config;
  return [{ ...first, config: { batch_input_shape, ...first.config } }, ...rest];
}

/** Keras' own files keep the model in `model_config`. */
export function withoutWrapper(topology: unknown): unknown {
  const wrapped = z.object({ model_config: z.unknown() }).safeParse(topology);
  return wrapped.success ? (wrapped.data.model_config ?? topology) : topology;
}

/** A layer of a functional model, and the layers that it reads. */
export interface KerasNode extends KerasLayer {
  readonly from: readonly string[];
}

export function node(
  class_name: string,
  name: string,
  from: readonly string[],
  config: Readonly<Record<string, unknown>> = {},
): KerasNode {
  return { class_name, config: { name, trainable: true, ...config }, from };
}

export function nameOf({ config }: KerasLayer): string {
  return String(config['name']);
}

/** Layers that name what they read: the first is the input, the last one answers. */
export function functionalModel(nodes: readonly KerasNode[]): Record<string, unknown> {
  const end = (node: KerasNode | undefined): unknown[] => (node ? [[nameOf(node), 0, 0]] : []);
  const layers = nodes.map(({ class_name, config, from }) => ({
    name: config['name'],
    class_name,
    config,
    inbound_nodes: from.length === 0 ? [] : [from.map((name) => [name, 0, 0, {}])],
  }));
  return {
    class_name: 'Model',
    config: { name: 'forecaster', layers, input_layers: end(nodes[0]), output_layers: end(nodes.at(-1)) },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

export function windowInput(steps: number, features: number): KerasNode {
  const batch_input_shape = [null, steps, features];
  return {
    class_name: 'InputLayer',
    config: { name: 'window', batch_input_shape, dtype: 'float32', sparse: false },
    from: [],
  };
}

/** A dense layer over the last step of `from`, [steps, 1, features]: what is left of it when the others are cropped. */
export function lastStepAnswers(
  from: string,
  { steps, horizon, targets }: Pick<NetworkShape, 'steps' | 'horizon' | 'targets'>,
): KerasNode[] {
  const cropping = [
    [steps - 1, 0],
    [0, 0],
  ];
  return [
    node('Cropping2D', 'last', [from], { cropping, data_format: 'channels_last' }),
    node('Flatten', 'flatten', ['last']),
    { ...denseLayer('dense', horizon * targets), from: ['flatten'] },
    { ...reshapeLayer(horizon, targets), from: ['dense'] },
  ];
}

const size = z.number().int().min(1);
const windowConfig = z.object({ batch_input_shape: z.tuple([z.null(), size, size]) });
const answersConfig = z.object({ target_shape: z.tuple([size, size]) });

/** What windowInput and lastStepAnswers say of the shape; undefined where a model has other ends. */
export function shapeOfEnds(
  nodes: readonly KerasNode[],
): Pick<NetworkShape, 'steps' | 'features' | 'horizon' | 'targets'> | undefined {
  const window = windowConfig.safeParse(nodes[0]?.config).data;
  const answers = answersConfig.safeParse(nodes.at(-1)?.config).data;
  if (!window || !answers) return undefined;
  const [, steps, features] = window.batch_input_shape;
  const [horizon, targets] = answers.target_shape;
  return { steps, features, horizon, targets };
}

const plainObject = z.record(z.string(), z.unknown());
const inbound = z.tuple([z.string(), z.literal(0), z.literal(0)]).rest(plainObject);
const end = z.array(z.tuple([z.string(), z.literal(0), z.literal(0)])).length(1);
const functional = z.object({
  class_name: z.enum(['Model', 'Functional']),
  config: z.object({
    layers: z.array(layer.extend({ name: z.string(), inbound_nodes: z.array(z.array(inbound)).max(1) })),
    input_layers: end,
    output_layers: end,
  }),
});

/** The layers of a functional model of one input and one output, in their order; undefined where it is none. */
export function functionalNodes(topology: unknown): KerasNode[] | undefined {
  const model = functional.safeParse(withoutWrapper(topology));
  if (!model.success) return undefined;
  const { layers, input_layers, output_layers } = model.data.config;
  const ends = [input_layers[0]?.[0], output_layers[0]?.[0]];
  if (ends[0] !== layers[0]?.name || ends[1] !== layers.at(-1)?.name) return undefined;
  // A call with arguments of its own is not one that the kernels know.
  const isPlain = layers.every(({ inbound_nodes }) =>
    inbound_nodes.flat().every(([, , , options]) => Object.keys(options ?? {}).length === 0),
  );
  if (!isPlain) return undefined;
  return layers.map(({ class_name, config, name, inbound_nodes }) => ({
    class_name,
    config: { ...config, name },
    from: inbound_nodes.flat().map(([from]) => from),
  }));
}
