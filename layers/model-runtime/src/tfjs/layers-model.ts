import { io, tensor3d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../errors.ts';
import type { NetworkJson } from '../networks/network-json.ts';
import type { WindowModel } from '../networks/window-model.ts';
import type { TfjsBackend } from '../types.ts';
import { useBackend } from './backend.ts';

const BATCH = 512;

/** A LayersModel that the kernels do not run, on TF.js. @throws RuntimeError model_corrupt */
export async function loadLayers(
  json: NetworkJson,
  weights: Uint8Array,
  backend: TfjsBackend = 'wasm',
): Promise<WindowModel> {
  await useBackend(backend);
  const model = await parse(json, weights);
  const [, window = 0, features = 0] = model.inputs[0]?.shape ?? [];
  const [, horizon = 0, targets = 0] = model.outputs[0]?.shape ?? [];
  return {
    window: window ?? 0,
    features: features ?? 0,
    horizon: horizon ?? 0,
    targets: targets ?? 0,
    predict: (contexts) => predict(model, { window: window ?? 0, features: features ?? 0 }, contexts),
    dispose: () => void model.dispose(),
  };
}

async function parse(
  { modelTopology, weightsManifest }: NetworkJson,
  weights: Uint8Array,
): Promise<LayersModel> {
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = new Uint8Array(weights).buffer;
  try {
    return await loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (cause) {
    throw new RuntimeError('model_corrupt', `expected a TF.js LayersModel, got ${String(cause)}`, { cause });
  }
}

function predict(
  model: LayersModel,
  { window, features }: { window: number; features: number },
  contexts: Float32Array,
): Float32Array {
  const size = window * features;
  const count = contexts.length / size;
  const parts: Float32Array[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const rows = Math.min(BATCH, count - start);
    parts.push(
      tidy(() => {
        const output = model.apply(
          tensor3d(contexts.subarray(start * size, (start + rows) * size), [rows, window, features]),
        );
        return Float32Array.from((output as Tensor).dataSync());
      }),
    );
  }
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
