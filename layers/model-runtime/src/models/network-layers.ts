import { initializers, layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import type { NetworkType, TrainSettings } from '../types.ts';

export interface NetworkShape {
  readonly window: number;
  readonly features: number;
  readonly horizon: number;
  readonly targets: number;
}

/**
 * [batch, window, features] -> numLayers recurrent layers -> dense over the last step -> [batch, horizon, targets].
 * Initial weights follow from the seed alone: Glorot uniform (Glorot and Bengio 2010) for every kernel.
 */
export function buildNetwork(
  type: NetworkType,
  shape: NetworkShape,
  { hiddenSize, numLayers, seed }: TrainSettings,
): LayersModel {
  const model = sequential();
  for (let layer = 0; layer < numLayers; layer += 1) {
    const recurrent = {
      units: hiddenSize,
      returnSequences: layer < numLayers - 1,
      recurrentActivation: 'sigmoid' as const,
      kernelInitializer: initializers.glorotUniform({ seed: seed + 10 * layer + 1 }),
      recurrentInitializer: initializers.glorotUniform({ seed: seed + 10 * layer + 2 }),
      ...(layer === 0 ? { inputShape: [shape.window, shape.features] } : {}),
    };
    // TF.js offers the GRU of Cho et al. (2014) alone: the reset gate before the recurrent product.
    model.add(type === 'GRU' ? layers.gru(recurrent) : layers.lstm(recurrent));
  }
  model.add(
    layers.dense({
      units: shape.horizon * shape.targets,
      kernelInitializer: initializers.glorotUniform({ seed: seed + 3 }),
    }),
  );
  model.add(layers.reshape({ targetShape: [shape.horizon, shape.targets] }));
  return model;
}
