import { availableParallelism } from 'node:os';
import { RuntimeError } from '../errors.ts';
import { initialWeights } from '../kernels/initial-weights.ts';
import { adamSteps, cosineDecay } from '../kernels/optimizer.ts';
import type { RecurrentShape } from '../kernels/shape.ts';
import { createTrainer, type Trainer } from '../kernels/trainer.ts';
import type { WeightArray } from '../kernels/weights.ts';
import { createRandom, shuffle } from '../random.ts';
import type { TrainProgress, TrainSettings } from '../types.ts';

export interface FitOf {
  readonly shape: RecurrentShape & { readonly horizon: number; readonly targets: number };
  readonly settings: TrainSettings;
  /** Threads of this training; default: a third of the cores, one to four. The weights do not depend on it. */
  readonly threads: number | undefined;
  /** Scaled inputs [row][feature], targets first; origins of the windows of fit and of validate. */
  readonly inputs: Float32Array;
  readonly fit: Int32Array;
  readonly validate: Int32Array;
  readonly onProgress: (progress: TrainProgress) => void;
  /** Yields to the thread's events, several times a second; throws where the work was cancelled. */
  readonly checkpoint: () => Promise<void>;
}

export interface FitResult {
  readonly weights: readonly WeightArray[];
  readonly history: TrainProgress[];
  readonly bestEpoch: number;
}

const MOST_THREADS = 4;

/**
 * Minimises the loss with AdamW (Loshchilov and Hutter 2019) at a rate that falls along half a cosine; every epoch in an
 * order of its own that follows from the seed. The weights are those of the epoch with the lowest validation loss.
 * @throws RuntimeError loss_diverged with the epoch and the last finite loss
 */
export async function fitNetwork(of: FitOf): Promise<FitResult> {
  const { shape, settings, inputs, fit, validate } = of;
  const { features, horizon, targets } = shape;
  const { loss = 'mse', dropout = 0, weightDecay = 0.1, clipNorm = 1 } = settings;
  const threads = of.threads ?? Math.min(MOST_THREADS, Math.floor(availableParallelism() / 3));
  const trainer = createTrainer({
    shape,
    series: inputs,
    fit,
    validate,
    threads,
    batchSize: settings.batchSize,
    settings: { features, horizon, targets, loss, dropout, weightDecay, clipNorm },
    weights: initialWeights(shape, settings.seed),
    build: settings.fastMath === true ? 'kernels-fast' : 'kernels',
  });
  try {
    return await epochs(trainer, of);
  } finally {
    await trainer.close();
  }
}

async function epochs(trainer: Trainer, of: FitOf): Promise<FitResult> {
  const { settings, onProgress, checkpoint } = of;
  const pause = pauses(checkpoint);
  const epoch = epochRunner(trainer, of, pause);
  const history: TrainProgress[] = [];
  const startedAt = performance.now();
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY };
  for (let number = 1; number <= settings.epochs; number += 1) {
    const loss = await epoch();
    const valLoss = await trainer.evaluate(pause);
    if (!Number.isFinite(loss) || !Number.isFinite(valLoss)) throw diverged(number, history);
    const etaS = ((performance.now() - startedAt) / 1000 / number) * (settings.epochs - number);
    const progress = { epoch: number, epochs: settings.epochs, loss, valLoss, etaS };
    history.push(progress);
    onProgress(progress);
    if (valLoss < best.loss) {
      best = { epoch: number, loss: valLoss };
      trainer.keep();
    } else if (settings.earlyStopping && number - best.epoch >= settings.earlyStoppingPatience) break;
    await checkpoint();
  }
  return { weights: trainer.weights(), history, bestEpoch: best.epoch };
}

/** Runs one epoch after the other; each gives the mean loss over its windows. */
function epochRunner(
  trainer: Trainer,
  { settings, fit }: FitOf,
  pause: () => Promise<void>,
): () => Promise<number> {
  const random = createRandom(settings.seed);
  const order = Uint32Array.from({ length: fit.length }, (_, index) => index);
  const adam = adamSteps();
  const steps = settings.epochs * Math.ceil(fit.length / settings.batchSize);
  let step = 0;
  return async () => {
    shuffle(order, random);
    trainer.order(order);
    let sum = 0;
    for (let start = 0; start < order.length; start += settings.batchSize) {
      const count = Math.min(settings.batchSize, order.length - start);
      const learningRate = settings.learningRate * cosineDecay(step / steps);
      const key = (settings.seed + Math.imul(step + 1, 0x9e3779b1)) >>> 0;
      sum += trainer.train({ start, count, key, learningRate }, adam(learningRate)) * count;
      step += 1;
      await pause();
    }
    return sum / order.length;
  };
}

const PAUSE_MS = 100;

/** The checkpoint, but not more often than every so many milliseconds. */
function pauses(checkpoint: () => Promise<void>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < PAUSE_MS) return;
    await checkpoint();
    last = performance.now();
  };
}

function diverged(epoch: number, history: readonly TrainProgress[]): RuntimeError {
  const last = history.at(-1)?.loss ?? 'none';
  return new RuntimeError(
    'loss_diverged',
    `expected a finite loss in epoch ${epoch}, got none; the last finite loss was ${last}`,
  );
}
