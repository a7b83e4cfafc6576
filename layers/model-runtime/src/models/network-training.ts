import {
  AdamOptimizer,
  dispose,
  mean,
  square,
  sub,
  tensor3d,
  tidy,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cosineTurn } from '../calendar/turn.ts';
import { RuntimeError } from '../errors.ts';
import { createRandom, shuffle } from '../random.ts';
import type { TrainProgress, TrainSettings } from '../types.ts';
import type { NetworkShape } from './network-layers.ts';

/** Windows and their answers, scaled: contexts [n, window, features], targets [n, horizon, targets]. */
export interface Examples {
  readonly count: number;
  readonly contexts: Float32Array;
  readonly targets: Float32Array;
}

export interface FitOf {
  readonly model: LayersModel;
  readonly shape: NetworkShape;
  readonly settings: TrainSettings;
  readonly fit: Examples;
  readonly validate: Examples;
  readonly onProgress: (progress: TrainProgress) => void;
  /** Yields to the thread's events between epochs; throws where the work was cancelled. */
  readonly checkpoint: () => Promise<void>;
}

export interface FitResult {
  readonly history: TrainProgress[];
  readonly bestEpoch: number;
}

/**
 * Minimises the mean squared error with Adam (Kingma and Ba 2015) at a rate that falls; every epoch in an order of its
 * own that follows from the seed. The weights of the epoch with the lowest validation loss are in the model afterwards.
 * @throws RuntimeError loss_diverged with the epoch and the last finite loss
 */
export async function fitNetwork({
  model,
  shape,
  settings,
  fit,
  validate,
  onProgress,
  checkpoint,
}: FitOf): Promise<FitResult> {
  const optimizer = new ScheduledAdam(settings.learningRate, 0.9, 0.999);
  const random = createRandom(settings.seed);
  const order = Uint32Array.from({ length: fit.count }, (_, index) => index);
  const history: TrainProgress[] = [];
  const startedAt = performance.now();
  let best: { epoch: number; loss: number; weights: Tensor[] } | undefined;
  try {
    for (let epoch = 1; epoch <= settings.epochs; epoch += 1) {
      optimizer.setLearningRate(learningRateOf(epoch, settings));
      shuffle(order, random);
      const loss = trainEpoch({ model, shape, batchSize: settings.batchSize, fit, order, optimizer });
      const valLoss = evaluateLoss(model, shape, validate);
      if (!Number.isFinite(loss) || !Number.isFinite(valLoss)) throw diverged(epoch, history);
      const etaS = ((performance.now() - startedAt) / 1000 / epoch) * (settings.epochs - epoch);
      const progress = { epoch, epochs: settings.epochs, loss, valLoss, etaS };
      history.push(progress);
      onProgress(progress);
      if (best === undefined || valLoss < best.loss) {
        dispose(best?.weights ?? []);
        best = { epoch, loss: valLoss, weights: model.getWeights().map((weight) => weight.clone()) };
      } else if (settings.earlyStopping && epoch - best.epoch >= settings.earlyStoppingPatience) break;
      await checkpoint();
    }
    if (best !== undefined) model.setWeights(best.weights);
    return { history, bestEpoch: best?.epoch ?? 0 };
  } finally {
    dispose(best?.weights ?? []);
    optimizer.dispose();
  }
}

/** The rate falls to this share of LEARNING_RATE. */
const FINAL_SHARE = 0.02;

/** Half a cosine from LEARNING_RATE down over EPOCHS (Loshchilov and Hutter 2017, equation 5, without restarts). `epoch` counts from 1. */
export function learningRateOf(
  epoch: number,
  { learningRate, epochs }: Pick<TrainSettings, 'learningRate' | 'epochs'>,
): number {
  const fallen = (1 - cosineTurn((epoch - 1) / epochs / 2)) / 2;
  return learningRate * (1 - (1 - FINAL_SHARE) * fallen);
}

class ScheduledAdam extends AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }
}

interface EpochOf extends Pick<FitOf, 'model' | 'shape' | 'fit'> {
  readonly batchSize: number;
  readonly order: Uint32Array;
  readonly optimizer: ScheduledAdam;
}

/** Mean loss over the epoch's windows. */
function trainEpoch({ model, shape, batchSize, fit, order, optimizer }: EpochOf): number {
  let sum = 0;
  for (let start = 0; start < order.length; start += batchSize) {
    const picked = order.subarray(start, start + batchSize);
    const { contexts, targets } = pick(fit, picked);
    const loss = tidy(() => {
      const x = tensor3d(contexts, [picked.length, shape.window, shape.features]);
      const y = tensor3d(targets, [picked.length, shape.horizon, shape.targets]);
      const cost = optimizer.minimize(() => meanSquaredError(model.apply(x, { training: true }), y), true);
      return cost?.dataSync()[0] ?? Number.NaN;
    });
    sum += loss * picked.length;
  }
  return sum / order.length;
}

const EVALUATION_BATCH = 256;

function evaluateLoss(model: LayersModel, shape: NetworkShape, examples: Examples): number {
  let sum = 0;
  for (let start = 0; start < examples.count; start += EVALUATION_BATCH) {
    const count = Math.min(EVALUATION_BATCH, examples.count - start);
    const [context, target] = [shape.window * shape.features, shape.horizon * shape.targets];
    sum += tidy(() => {
      const x = tensor3d(examples.contexts.subarray(start * context, (start + count) * context), [
        count,
        shape.window,
        shape.features,
      ]);
      const y = tensor3d(examples.targets.subarray(start * target, (start + count) * target), [
        count,
        shape.horizon,
        shape.targets,
      ]);
      return (meanSquaredError(model.apply(x), y).dataSync()[0] ?? Number.NaN) * count;
    });
  }
  return sum / examples.count;
}

function meanSquaredError(output: unknown, expected: Tensor): Scalar {
  return mean(square(sub(output as Tensor, expected))) as Scalar;
}

function pick(examples: Examples, picked: Uint32Array): { contexts: Float32Array; targets: Float32Array } {
  const gather = (from: Float32Array): Float32Array => {
    const size = from.length / examples.count;
    const gathered = new Float32Array(picked.length * size);
    for (const [index, row] of picked.entries())
      gathered.set(from.subarray(row * size, (row + 1) * size), index * size);
    return gathered;
  };
  return { contexts: gather(examples.contexts), targets: gather(examples.targets) };
}

function diverged(epoch: number, history: readonly TrainProgress[]): RuntimeError {
  const last = history.at(-1)?.loss ?? 'none';
  return new RuntimeError(
    'loss_diverged',
    `expected a finite loss in epoch ${epoch}, got none; the last finite loss was ${last}`,
  );
}
