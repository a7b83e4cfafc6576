import { z } from 'zod';

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
