import { invalid, type Checkpoint, type NamedArray } from '../checkpoints/format.ts';
import type { TrainerState } from '../kernels/trainer.ts';
import type { NetworkShape } from '../kernels/shape.ts';
import { weightShapes } from '../kernels/weights.ts';
import { createGenerator, type Generator } from '../random.ts';
import type { TrainProgress } from '../types.ts';

/** Where a training stands, beside its network: what changes from batch to batch. */
export interface Position {
  /** Epochs that are finished. */
  epoch: number;
  /** Batches of the next epoch that are done; 0: its windows are not yet shuffled. */
  batch: number;
  /** Sum of losses over the windows of those batches. */
  lossSum: number;
  /** Steps of the optimiser. */
  step: number;
  /** Windows of fit in the order of the epoch. */
  readonly order: Uint32Array;
  readonly generator: Generator;
  best: { readonly epoch: number; readonly loss: number };
  readonly history: TrainProgress[];
}

export function firstPosition(windows: number, seed: number): Position {
  return {
    epoch: 0,
    batch: 0,
    lossSum: 0,
    step: 0,
    order: Uint32Array.from({ length: windows }, (_, index) => index),
    generator: createGenerator(seed),
    best: { epoch: 0, loss: Number.POSITIVE_INFINITY },
    history: [],
  };
}

const PARTS = ['weights', 'm', 'v', 'kept'] as const;
type Part = (typeof PARTS)[number];

interface Named {
  readonly fingerprint: string;
  readonly label: string;
}

export function toCheckpoint(
  position: Position,
  state: TrainerState,
  shape: NetworkShape,
  { fingerprint, label }: Named,
): Checkpoint {
  const { epoch, batch, lossSum, step, order, generator, best, history } = position;
  const shapes = weightShapes(shape);
  const arrays = PARTS.flatMap((part): NamedArray[] =>
    (state[part] ?? []).map((values, index) => ({
      name: `${part}/${shapes[index]?.name ?? index}`,
      shape: shapes[index]?.shape ?? [values.length],
      values,
    })),
  );
  return {
    header: {
      fingerprint,
      label,
      epoch,
      batch,
      loss_sum: lossSum,
      step,
      generator: generator.state(),
      best_epoch: best.epoch,
      best_loss: Number.isFinite(best.loss) ? best.loss : null,
      history,
    },
    arrays: [{ name: 'order', shape: [order.length], values: order }, ...arrays],
  };
}

/** @throws RuntimeError checkpoint_invalid where it is of another training, or of another shape than its network */
export function fromCheckpoint(
  { header, arrays }: Checkpoint,
  shape: NetworkShape,
  { fingerprint, windows }: { fingerprint: string; windows: number },
): { position: Position; state: TrainerState } {
  if (header.fingerprint !== fingerprint)
    throw invalid(`of the training ${fingerprint}`, `one of ${header.fingerprint}`);
  const order = arrays.find(({ name }) => name === 'order')?.values;
  if (!(order instanceof Uint32Array) || order.length !== windows)
    throw invalid(`${windows} windows in their order`, String(order?.length ?? 'none'));
  const part = (name: Part): Float32Array[] => arraysOf(arrays, name, shape);
  const isKept = arrays.some(({ name }) => name.startsWith('kept/'));
  const { epoch, batch, step, best_epoch, best_loss } = header;
  return {
    state: { weights: part('weights'), m: part('m'), v: part('v'), ...(isKept && { kept: part('kept') }) },
    position: {
      epoch,
      batch,
      lossSum: header.loss_sum,
      step,
      order,
      generator: createGenerator(header.generator),
      best: { epoch: best_epoch, loss: best_loss ?? Number.POSITIVE_INFINITY },
      history: [...header.history],
    },
  };
}

function arraysOf(arrays: readonly NamedArray[], part: Part, shape: NetworkShape): Float32Array[] {
  return weightShapes(shape).map((expected) => {
    const name = `${part}/${expected.name}`;
    const found = arrays.find((array) => array.name === name);
    if (!(found?.values instanceof Float32Array) || found.shape.join() !== expected.shape.join())
      throw invalid(`${name} of ${expected.shape.join(' x ')}`, found?.shape.join(' x ') ?? 'none');
    return found.values;
  });
}
