import { availableParallelism } from 'node:os';
import { decodeCheckpoint } from '../checkpoints/format.ts';
import { fingerprintOf } from '../checkpoints/fingerprint.ts';
import { initialWeights } from '../kernels/initial-weights.ts';
import type { NetworkShape } from '../kernels/shape.ts';
import { createTrainer, type TrainerState } from '../kernels/trainer.ts';
import { kernelsFor } from '../kernels/wasm.ts';
import type { WeightArray } from '../kernels/weights.ts';
import type { Checkpoints, TrainProgress, TrainSettings } from '../types.ts';
import { runEpochs } from './epochs.ts';
import { firstPosition, fromCheckpoint, type Position } from './training-position.ts';

export interface FitOf {
  readonly shape: NetworkShape;
  readonly settings: TrainSettings;
  /** Threads of this training; default: a third of the cores, one to four. The weights do not depend on it. */
  readonly threads: number | undefined;
  /** Scaled inputs [row][feature], targets first; origins of the windows of fit and of validate. */
  readonly inputs: Float32Array;
  readonly fit: Int32Array;
  readonly validate: Int32Array;
  /** Weights to begin with, in the order of weightShapes; default: random ones that follow from the seed. */
  readonly initial: readonly Float32Array[] | undefined;
  readonly onProgress: (progress: TrainProgress) => void;
  /** Yields to the thread's events, several times a second; throws where the work was cancelled. */
  readonly breathe: () => Promise<void>;
  readonly checkpoints: Checkpoints | undefined;
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
 * Taken up from a checkpoint it goes through the same numbers as in one go.
 * @throws RuntimeError loss_diverged with the epoch and the last finite loss; training_paused; checkpoint_invalid
 */
export async function fitNetwork(of: FitOf): Promise<FitResult> {
  const { shape, settings, inputs, fit, validate, checkpoints } = of;
  const { loss = 'mse', dropout = 0, weightDecay = 0.1, clipNorm = 1 } = settings;
  const threads = of.threads ?? Math.min(MOST_THREADS, Math.floor(availableParallelism() / 3));
  const fingerprint = checkpoints === undefined ? '' : fingerprintOf(of);
  const { position, state } = startOf(of, fingerprint);
  const trainer = createTrainer({
    shape,
    series: inputs,
    fit,
    validate,
    threads,
    batchSize: settings.batchSize,
    settings: { loss, dropout, weightDecay, clipNorm },
    weights: state?.weights ?? of.initial ?? initialWeights(shape, settings.seed),
    ...(state && { resume: state }),
    build: kernelsFor(settings),
  });
  try {
    await runEpochs(of, { trainer, position, fingerprint });
    return { weights: trainer.weights(), history: position.history, bestEpoch: position.best.epoch };
  } finally {
    await trainer.close();
  }
}

function startOf(
  { shape, settings, fit, checkpoints }: FitOf,
  fingerprint: string,
): { position: Position; state?: TrainerState } {
  if (checkpoints?.resume === undefined) return { position: firstPosition(fit.length, settings.seed) };
  const checkpoint = decodeCheckpoint(checkpoints.resume);
  return fromCheckpoint(checkpoint, shape, { fingerprint, windows: fit.length });
}
