import {
  mean,
  square,
  sub,
  tensor2d,
  tensor3d,
  tidy,
  train,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { outputsOf, type NetworkShape } from '../../layers/model-runtime/src/kernels/shape.ts';
import { useWasm } from '../../layers/model-runtime/src/tfjs/backend.ts';
import { BATCH, noise } from './networks.ts';

function modelOf(shape: NetworkShape): LayersModel {
  const model = sequential();
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const options = {
      units: shape.units,
      recurrentActivation: 'sigmoid' as const,
      recurrentInitializer: 'glorotUniform' as const,
      returnSequences: layer < shape.layers - 1,
      ...(layer === 0 ? { inputShape: [shape.steps, shape.features] } : {}),
    };
    model.add(shape.family === 'GRU' ? layers.gru(options) : layers.lstm(options));
  }
  model.add(layers.dense({ units: outputsOf(shape) }));
  return model;
}

/** Milliseconds of one step of Adam on TF.js's WASM backend. */
export async function tfjsTraining(shape: NetworkShape): Promise<() => Promise<number>> {
  await useWasm();
  const model = modelOf(shape);
  const adam = train.adam(0.001);
  const x = tensor3d(noise(BATCH * shape.steps * shape.features), [BATCH, shape.steps, shape.features]);
  const y = tensor2d(noise(BATCH * outputsOf(shape)), [BATCH, outputsOf(shape)]);
  return async () => {
    const started = performance.now();
    const loss = (): Scalar => mean(square(sub(model.apply(x, { training: true }) as Tensor, y)));
    tidy(() => adam.minimize(loss, true)?.dataSync());
    return performance.now() - started;
  };
}

/** Milliseconds of one pass over so many windows. */
export async function tfjsPrediction(shape: NetworkShape, windows: number): Promise<() => Promise<number>> {
  await useWasm();
  const model = modelOf(shape);
  const contexts = noise(windows * shape.steps * shape.features);
  return async () => {
    const started = performance.now();
    tidy(() => {
      const x = tensor3d(contexts, [windows, shape.steps, shape.features]);
      return (model.apply(x) as Tensor).dataSync();
    });
    return performance.now() - started;
  };
}
