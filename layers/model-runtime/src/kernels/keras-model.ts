import { RuntimeError } from '../errors.ts';
import { architectureOf, NETWORKS } from '../families/networks.ts';
import type { NetworkShape } from './shape.ts';
import { weightShapes, type WeightArray } from './weights.ts';

/** The topology of a TF.js LayersModel. */
export function kerasTopology(shape: NetworkShape): Record<string, unknown> {
  return architectureOf(shape).topology(shape);
}

/** The shape of a model that the kernels can run; undefined where it is any other. */
export function fusedShape(topology: unknown): NetworkShape | undefined {
  for (const { read } of NETWORKS) {
    const shape = read(topology);
    if (shape !== undefined) return shape;
  }
  return undefined;
}

/** Like fusedShape, also of a model that ends with its dense layer: what it can give to a training is its weights. */
export function initialShape(topology: unknown): NetworkShape | undefined {
  for (const { read, readUnshaped = read } of NETWORKS) {
    const shape = readUnshaped(topology);
    if (shape !== undefined) return shape;
  }
  return undefined;
}

/** weights.bin of a fused shape as arrays. @throws RuntimeError model_corrupt where names or shapes are others */
export function kerasWeights(
  shape: NetworkShape,
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
