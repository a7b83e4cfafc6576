import { encodeCheckpoint } from '../checkpoints/format.ts';
import { RuntimeError } from '../errors.ts';
import { adamSteps, cosineDecay, type AdamStep } from '../kernels/optimizer.ts';
import type { Trainer } from '../kernels/trainer.ts';
import { shuffle } from '../random.ts';
import type { TrainProgress, TrainSettings } from '../types.ts';
import type { FitOf } from './network-training.ts';
import { createMeter, type Meter } from './training-meter.ts';
import { toCheckpoint, type Position } from './training-position.ts';

export interface EpochsOf {
  readonly trainer: Trainer;
  /** Where to begin; moves on as training does. */
  readonly position: Position;
  readonly fingerprint: string;
}

/** What the epochs share. */
interface Session extends EpochsOf {
  readonly of: FitOf;
  readonly meter: Meter;
  readonly adam: (learningRate: number) => AdamStep;
  readonly batches: number;
  /** Whether there is something done that a pause would save. */
  moved: boolean;
  breathedAt: number;
  readonly startedAt: number;
}

/**
 * Trains until the last epoch, or until patience ends.
 * @throws RuntimeError loss_diverged, training_paused; what `breathe` or `save` throws
 */
export async function runEpochs(of: FitOf, { trainer, position, fingerprint }: EpochsOf): Promise<void> {
  const session: Session = {
    trainer,
    position,
    fingerprint,
    of,
    meter: createMeter(),
    adam: adamSteps(position.step),
    batches: Math.ceil(of.fit.length / of.settings.batchSize),
    moved: false,
    breathedAt: performance.now(),
    startedAt: performance.now(),
  };
  while (!isOver(position, of.settings)) {
    await trainBatches(session);
    await finishEpoch(session);
    if (!isOver(position, of.settings) && isTimeToPause(session)) throw paused(session);
  }
}

function isOver({ epoch, best }: Position, settings: TrainSettings): boolean {
  if (epoch >= settings.epochs) return true;
  return settings.earlyStopping && epoch - best.epoch >= settings.earlyStoppingPatience;
}

/** The rest of the epoch that `position` is in. */
async function trainBatches(session: Session): Promise<void> {
  const { trainer, position, meter, batches, of } = session;
  if (position.batch === 0) shuffle(position.order, position.generator.next);
  trainer.order(position.order);
  while (position.batch < batches) {
    const count = trainBatch(session);
    meter.add(count);
    session.moved = true;
    await breathe(session);
    if (isTimeToPause(session)) await pause(session);
    if (position.batch < batches && meter.isTimeToTell()) of.onProgress(progressOf(session, null));
  }
}

/** The next batch; how many windows it had. */
function trainBatch({ trainer, position, adam, batches, of }: Session): number {
  const { settings, fit } = of;
  const start = position.batch * settings.batchSize;
  const count = Math.min(settings.batchSize, fit.length - start);
  const learningRate = settings.learningRate * cosineDecay(position.step / (settings.epochs * batches));
  const key = (settings.seed + Math.imul(position.step + 1, 0x9e3779b1)) >>> 0;
  const loss = trainer.train({ start, count, key, learningRate }, adam(learningRate));
  if (!Number.isFinite(loss)) throw diverged(position, of, loss);
  position.lossSum += loss * count;
  position.step += 1;
  position.batch += 1;
  return count;
}

async function finishEpoch(session: Session): Promise<void> {
  const { trainer, position, meter, of } = session;
  const valLoss = await trainer.evaluate(async () => {
    await breathe(session);
    if (session.moved && isTimeToPause(session)) await pause(session);
  });
  if (!Number.isFinite(valLoss)) throw diverged(position, of, valLoss);
  const progress = progressOf(session, valLoss);
  position.epoch += 1;
  position.batch = 0;
  position.lossSum = 0;
  position.history.push(progress);
  if (valLoss < position.best.loss) {
    position.best = { epoch: position.epoch, loss: valLoss };
    trainer.keep();
  }
  session.moved = true;
  of.onProgress(progress);
  await save(session);
  meter.nextEpoch();
  await of.breathe();
}

function progressOf({ position, meter, batches, of }: Session, valLoss: number | null): TrainProgress {
  const { epoch, batch, lossSum } = position;
  const { batchSize, epochs } = of.settings;
  const done = Math.min(batch * batchSize, of.fit.length);
  return {
    epoch: epoch + 1,
    epochs,
    batch,
    batches,
    loss: lossSum / done,
    valLoss,
    rowsPerSecond: meter.rowsPerSecond(),
    etaS: meter.secondsFor((epochs - epoch) * of.fit.length - done),
  };
}

function isTimeToPause({ of, startedAt }: Session): boolean {
  return performance.now() - startedAt >= (of.checkpoints?.pauseAfterMs ?? Number.POSITIVE_INFINITY);
}

async function pause(session: Session): Promise<never> {
  await save(session);
  throw paused(session);
}

async function save({ trainer, position, fingerprint, of }: Session): Promise<void> {
  if (of.checkpoints === undefined) return;
  const { label = '' } = of.checkpoints;
  const checkpoint = toCheckpoint(position, trainer.state(), of.shape, { fingerprint, label });
  await of.checkpoints.save(encodeCheckpoint(checkpoint));
}

function paused({ position: { epoch, batch }, batches }: Session): RuntimeError {
  return new RuntimeError(
    'training_paused',
    `expected to train to the end, got paused as asked after ${epoch} epochs and ${batch} of ${batches} batches`,
    { retryable: true },
  );
}

const BREATHE_MS = 100;

/** Lets the thread's events through, but not more often than every so many milliseconds. */
async function breathe(session: Session): Promise<void> {
  if (performance.now() - session.breathedAt < BREATHE_MS) return;
  await session.of.breathe();
  session.breathedAt = performance.now();
}

function diverged(
  { epoch, batch, lossSum, history }: Position,
  { settings, fit }: FitOf,
  got: number,
): RuntimeError {
  const windows = Math.min(batch * settings.batchSize, fit.length);
  const last = batch > 0 ? lossSum / windows : (history.at(-1)?.loss ?? 'none');
  return new RuntimeError(
    'loss_diverged',
    `expected a finite loss in epoch ${epoch + 1} of ${settings.epochs}, got ${got} after ${batch} batches; the last finite loss was ${last}`,
  );
}
