import { RuntimeError } from '../errors.ts';
import type { Batch, BatchSettings } from './batch.ts';
import { layoutOf, type Layout, type LayoutOf } from './layout.ts';
import { packBackward, trained } from './network.ts';
import { ADAM_FIELDS, type AdamStep } from './optimizer.ts';
import { outputsOf, type NetworkShape } from './shape.ts';
import { assembleTeam, type Team } from './team.ts';
import { kernelMemory, kernelModule, type KernelBuild } from './wasm.ts';
import { readWeights, weightShapes, writeWeights, type WeightArray } from './weights.ts';

export interface TrainerOf {
  readonly shape: NetworkShape;
  readonly batchSize: number;
  readonly settings: BatchSettings;
  /** Scaled inputs [row][feature], targets first. */
  readonly series: Float32Array;
  /** Row numbers: a window lies before its origin, its answers lie from the origin on. */
  readonly fit: Int32Array;
  readonly validate: Int32Array;
  /** Keras' arrays, in the order of weightShapes. */
  readonly weights: readonly Float32Array[];
  /** Where an earlier trainer left off, beside the weights; default: at the beginning. */
  readonly resume?: Omit<TrainerState, 'weights'>;
  /** Threads, this one among them. At most one a panel of 8 rows is of use. */
  readonly threads: number;
  /** Default: the one that gives the same bits everywhere. */
  readonly build?: KernelBuild;
}

/** All that a trainer's next step follows from, beside data and settings; lists in the order of weightShapes. */
export interface TrainerState {
  readonly weights: readonly Float32Array[];
  /** Adam's moments, of the weights' shapes. */
  readonly m: readonly Float32Array[];
  readonly v: readonly Float32Array[];
  /** What keep() last remembered. */
  readonly kept?: readonly Float32Array[];
}

/** A network in the kernels' memory, and the data that it is trained on. */
export interface Trainer {
  /** The order in which windows of fit are taken from now on: indices of `fit`. */
  order(indices: Uint32Array): void;
  /** One step; the mean loss of the batch's windows before it. */
  train(batch: Batch, step: AdamStep): number;
  /** The mean loss of all validation windows. `pause` is called between batches. */
  evaluate(pause: () => Promise<void>): Promise<number>;
  /** Remembers the weights as they are, to be what weights() gives. */
  keep(): void;
  weights(): WeightArray[];
  /** A copy. */
  state(): TrainerState;
  close(): Promise<void>;
}

const NONE = new Float32Array();
const MOST_BYTES = 2 ** 31;

/** @throws RuntimeError setting_invalid where the training would need more memory than can be addressed or had */
export function createTrainer(of: TrainerOf): Trainer {
  const { shape, fit, validate, settings } = of;
  const rows = Math.min(of.batchSize, fit.length);
  const sizes = { series: of.series.length, fit: fit.length, validate: validate.length };
  const plan: LayoutOf = {
    shape,
    lanes: 8,
    rows,
    training: {
      dropout: settings.dropout > 0,
      ...sizes,
    },
  };
  const layout = layoutOf(plan);
  const memory = memoryFor(layout, rows);
  new Float32Array(memory.buffer, trained(layout).series).set(of.series);
  new Uint32Array(memory.buffer, trained(layout).validateOrigins).set(validate);
  writeWeights(layout, memory, of.weights);
  if (of.resume !== undefined) {
    writeWeights(layout, memory, of.resume.m, trained(layout).toM);
    writeWeights(layout, memory, of.resume.v, trained(layout).toV);
  }
  const members = Math.max(1, Math.min(of.threads, layout.panels));
  const team = assembleTeam({ module: kernelModule(of.build), memory, plan, settings, members });
  packBackward(team.network);
  return trainerOn(team, of, rows);
}

function trainerOn(team: Team, { fit, validate, shape, resume }: TrainerOf, rows: number): Trainer {
  const { layout, memory } = team.network;
  const { fitOrigins, step: stepAt, losses, toM, toV } = trained(layout);
  const read = (distance = 0): Float32Array[] =>
    readWeights(layout, memory, distance).map(({ values }) => values);
  let kept = resume?.kept;
  const meanLoss = (count: number): number => {
    const panels = new Float64Array(memory.buffer, losses, Math.ceil(count / layout.lanes));
    return panels.reduce((sum, loss) => sum + loss, 0) / (count * outputsOf(shape));
  };
  return {
    order: (indices) => {
      const origins = new Uint32Array(memory.buffer, fitOrigins, fit.length);
      for (const [index, window] of indices.entries()) origins[index] = fit[window] ?? 0;
    },
    train: (batch, step) => {
      const struct = new Float32Array(memory.buffer, stepAt, ADAM_FIELDS.length);
      for (const [index, field] of ADAM_FIELDS.entries()) struct[index] = step[field];
      team.work('train', batch);
      return meanLoss(batch.count);
    },
    evaluate: async (pause) => {
      let sum = 0;
      for (let start = 0; start < validate.length; start += rows) {
        const count = Math.min(rows, validate.length - start);
        team.work('evaluate', { start, count, key: 0, learningRate: 0 });
        sum += meanLoss(count) * count;
        await pause();
      }
      return sum / validate.length;
    },
    keep: () => {
      kept = read();
    },
    weights: () => {
      const best = kept ?? read();
      return weightShapes(shape).map((array, index) => ({ ...array, values: best[index] ?? NONE }));
    },
    state: () => ({ weights: read(), m: read(toM), v: read(toV), ...(kept && { kept }) }),
    close: () => team.close(),
  };
}

function memoryFor({ bytes, shape }: Layout, rows: number): WebAssembly.Memory {
  const megabytes = Math.ceil(bytes / 2 ** 20);
  const asked = `${rows} rows a batch x ${shape.steps} steps x ${shape.layers} layers of ${shape.units} units`;
  if (bytes > MOST_BYTES)
    throw new RuntimeError(
      'setting_invalid',
      `expected a training of at most ${MOST_BYTES / 2 ** 20} MB, got ${megabytes} MB for ${asked}`,
    );
  try {
    return kernelMemory(bytes);
  } catch (cause) {
    throw new RuntimeError('setting_invalid', `expected ${megabytes} MB of memory for ${asked}, got none`, {
      cause,
    });
  }
}
