import { RuntimeError } from '../errors.ts';
import { fusedShape, kerasTopology, kerasWeights } from '../kernels/keras-model.ts';
import { createPredictor } from '../kernels/predictor.ts';
import type { NetworkShape } from '../kernels/shape.ts';
import { kernelsFor, type KernelBuild } from '../kernels/wasm.ts';
import type { WeightArray } from '../kernels/weights.ts';
import type { ModelFile, ModelInfo, TfjsBackend } from '../types.ts';
import type { NetworkJson } from './network-json.ts';
import type { WindowModel } from './window-model.ts';

/** model.json and weights.bin of the standard TF.js LayersModel format; our ModelInfo lies in userDefinedMetadata.flts. */
export function networkFiles(
  shape: NetworkShape,
  weights: readonly WeightArray[],
  info: ModelInfo,
): ModelFile[] {
  const specs = weights.map((array) => ({ name: array.name, shape: array.shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    generatedBy: 'flts',
    convertedBy: null,
    modelTopology: kerasTopology(shape),
    userDefinedMetadata: { flts: info },
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
  };
  const bytes = Buffer.concat(weights.map(({ values }) => new Uint8Array(values.buffer)));
  return [
    { path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: new Uint8Array(bytes) },
  ];
}

/**
 * On the kernels where the model is of a shape that they run (the fast ones where it was trained with fastMath), else on TF.js,
 * which is loaded only then.
 * @throws RuntimeError model_corrupt
 */
export async function loadNetwork(
  json: NetworkJson,
  weights: Uint8Array,
  backend: TfjsBackend,
): Promise<WindowModel> {
  const specs = json.weightsManifest.flatMap((group) => group.weights);
  const size = specs.reduce((sum, { shape }) => sum + FLOAT_BYTES * product(shape), 0);
  if (weights.length !== size)
    throw new RuntimeError('model_corrupt', `expected ${size} bytes in weights.bin, got ${weights.length}`);
  const shape = fusedShape(json.modelTopology);
  if (shape === undefined) {
    const { loadLayers } = await import('../tfjs/layers-model.ts');
    return loadLayers(json, weights, backend);
  }
  const arrays = kerasWeights(shape, specs, weights).map(({ values }) => values);
  const { steps: window, features, horizon, targets } = shape;
  const predict = predictorOf(shape, arrays, kernelsFor(json.userDefinedMetadata.flts));
  return { window, features, horizon, targets, predict, dispose: () => {} };
}

/** @throws RuntimeError model_corrupt where no memory can hold what the model asks for */
function predictorOf(
  shape: NetworkShape,
  arrays: readonly Float32Array[],
  build: KernelBuild,
): WindowModel['predict'] {
  try {
    return createPredictor(shape, arrays, build).predict;
  } catch (cause) {
    throw new RuntimeError(
      'model_corrupt',
      `expected a model that fits in memory, got one of ${shape.steps} steps x ${shape.units} units`,
      { cause },
    );
  }
}

const FLOAT_BYTES = 4;

function product(shape: readonly number[]): number {
  return shape.reduce((sum, size) => sum * size, 1);
}
