import {
  io,
  mean,
  square,
  sub,
  tensor3d,
  tidy,
  train,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { kerasTopology } from '../../layers/model-runtime/src/kernels/keras-model.ts';
import { outputsOf, type NetworkShape } from '../../layers/model-runtime/src/kernels/shape.ts';
import { weightShapes } from '../../layers/model-runtime/src/kernels/weights.ts';
import { useWasm } from '../../layers/model-runtime/src/tfjs/backend.ts';
import { BATCH, noise, weightsOf } from './networks.ts';

/** Of the files that the model-runtime writes. */
function modelOf(shape: NetworkShape): Promise<LayersModel> {
  const weights = weightsOf(shape);
  const bytes = Buffer.concat(weights.map((values) => new Uint8Array(values.buffer)));
  const weightSpecs = weightShapes(shape).map(({ name, shape: size }) => ({
    name,
    shape: [...size],
    dtype: 'float32' as const,
  }));
  const weightData = new Uint8Array(bytes).buffer;
  return loadLayersModel(io.fromMemory({ modelTopology: kerasTopology(shape), weightSpecs, weightData }));
}

/** Milliseconds of one step of Adam on TF.js's WASM backend. */
export async function tfjsTraining(shape: NetworkShape): Promise<() => Promise<number>> {
  await useWasm();
  const model = await modelOf(shape);
  const adam = train.adam(0.001);
  const x = tensor3d(noise(BATCH * shape.steps * shape.features), [BATCH, shape.steps, shape.features]);
  const y = tensor3d(noise(BATCH * outputsOf(shape)), [BATCH, shape.horizon, shape.targets]);
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
  const model = await modelOf(shape);
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
