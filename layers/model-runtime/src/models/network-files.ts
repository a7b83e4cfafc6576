import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../errors.ts';
import type { ModelFile, ModelInfo } from '../types.ts';

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
export async function loadNetwork(json: Record<string, unknown>, weights: Uint8Array): Promise<LayersModel> {
  try {
    const manifest = json['weightsManifest'] as { weights: io.WeightsManifestEntry[] }[];
    const weightData = new Uint8Array(weights).buffer;
    return await loadLayersModel(
      io.fromMemory({
        modelTopology: json['modelTopology'] as object,
        weightSpecs: manifest.flatMap((group) => group.weights),
        weightData,
      }),
    );
  } catch (cause) {
    throw new RuntimeError('model_corrupt', `expected a TF.js LayersModel, got ${String(cause)}`, { cause });
  }
}
