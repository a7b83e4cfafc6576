import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../errors.ts';
import type { ModelFile, ModelInfo } from '../types.ts';
import type { NetworkJson } from './model-schema.ts';

/** model.json and weights.bin of the standard TF.js LayersModel format; our ModelInfo lies in userDefinedMetadata.flts. */
export async function networkFiles(model: LayersModel, info: ModelInfo): Promise<ModelFile[]> {
  const saved: { artifacts?: io.ModelArtifacts } = {};
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved.artifacts = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved.artifacts ?? {};
  if (weightData === undefined || Array.isArray(weightData))
    throw new RuntimeError('model_corrupt', 'expected the weights as one buffer');
  const json = {
    format: 'layers-model',
    generatedBy: 'flts',
    convertedBy: null,
    modelTopology,
    userDefinedMetadata: { flts: info },
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return [
    { path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: new Uint8Array(weightData) },
  ];
}

/** @throws RuntimeError model_corrupt */
export async function loadNetwork(
  { modelTopology, weightsManifest }: NetworkJson,
  weights: Uint8Array,
): Promise<LayersModel> {
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const size = weightSpecs.reduce((sum, { shape }) => sum + FLOAT_BYTES * product(shape), 0);
  if (weights.length !== size)
    throw new RuntimeError('model_corrupt', `expected ${size} bytes in weights.bin, got ${weights.length}`);
  try {
    const weightData = new Uint8Array(weights).buffer;
    return await loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (cause) {
    throw new RuntimeError('model_corrupt', `expected a TF.js LayersModel, got ${String(cause)}`, { cause });
  }
}

const FLOAT_BYTES = 4;

function product(shape: readonly number[]): number {
  return shape.reduce((sum, size) => sum * size, 1);
}
