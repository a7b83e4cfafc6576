import type { Answers } from './blocks/dense.ts';
import type { Block } from './blocks/block.ts';
import { architectureOf } from '../families/networks.ts';
import { columnsOf, FLOAT, reserveSequence, type Plan, type Sequence } from './plan.ts';
import { padded, type NetworkShape } from './shape.ts';

/**
 * Where everything lies in the kernels' memory. Addresses, strides and distances are bytes. Every size is padded to a
 * multiple of four with weights of zero, which stay zero: a unit that does not exist answers zero and has no gradient.
 */
export interface Layout {
  readonly shape: NetworkShape;
  /** Rows in a panel: 8, or 1 where single windows are forecast. */
  readonly lanes: number;
  /** Panels of the largest batch. */
  readonly panels: number;
  /** The windows. */
  readonly input: Sequence;
  /** From the windows to the answers. */
  readonly blocks: readonly Block[];
  readonly answers: Answers;
  readonly training?: TrainingLayout;
  /** Of all memory. */
  readonly bytes: number;
}

export interface TrainingLayout {
  readonly toGradient: number;
  readonly toM: number;
  readonly toV: number;
  /** ADAM_FIELDS. */
  readonly step: number;
  /** Float64: the loss of each panel. */
  readonly losses: number;
  /** Float64: the sum of squares of each column block's gradients, block after block. */
  readonly squares: number;
  readonly series: number;
  readonly fitOrigins: number;
  readonly validateOrigins: number;
}

/** Numbers alone, so that it can be handed to other threads. */
export interface LayoutOf {
  readonly shape: NetworkShape;
  readonly lanes: 1 | 8;
  /** Rows of the largest batch. */
  readonly rows: number;
  readonly training?: {
    readonly dropout: boolean;
    /** Numbers in the series, and windows of each kind. */
    readonly series: number;
    readonly fit: number;
    readonly validate: number;
  };
}

/** Before it lies nothing of ours: AssemblyScript may keep data there. */
const FIRST_ADDRESS = 4096;
const LINE = 64;

/** Plans memory, the same for equal arguments; touches none. */
export function layoutOf(of: LayoutOf): Layout {
  // Weights lie before all else, and how many there are shows when all of them are planned: so it is done twice.
  const { weightBytes } = layoutAround(of, 0);
  return layoutAround(of, weightBytes).layout;
}

function layoutAround(of: LayoutOf, room: number): { layout: Layout; weightBytes: number } {
  const { shape, lanes, rows, training } = of;
  const weights = stack(FIRST_ADDRESS);
  const rest = stack(FIRST_ADDRESS + room);
  const copies = [1, 2, 3].map(() => (training === undefined ? 0 : rest.reserve(room) - FIRST_ADDRESS));
  const panels = Math.ceil(rows / lanes);
  const plan: Plan = {
    lanes,
    panels,
    isTraining: training !== undefined,
    dropout: training?.dropout === true,
    weights: weights.reserve,
    matrix: (depth, columns) => {
      const wide = columnsOf({ lanes });
      return weights.reserve(depth * Math.ceil(columns / wide) * wide * FLOAT);
    },
    reserve: rest.reserve,
    reserveToTrain: (bytes) => (training === undefined ? 0 : rest.reserve(bytes)),
  };
  const window = { steps: shape.steps, features: padded(shape.features), gradient: 0 };
  const input = reserveSequence(plan, window);
  const { blocks, answers } = architectureOf(shape).blocks(plan, shape, input);
  const kept = training && trainingLayout(plan, training, blocks, copies);
  const layout = { shape, lanes, panels, input, blocks, answers, ...(kept && { training: kept }) };
  return { layout: { ...layout, bytes: rest.end() }, weightBytes: weights.end() - FIRST_ADDRESS };
}

function trainingLayout(
  { panels, reserve }: Plan,
  { series, fit, validate }: NonNullable<LayoutOf['training']>,
  blocks: readonly Block[],
  [toGradient = 0, toM = 0, toV = 0]: readonly number[],
): TrainingLayout {
  const groups = blocks.flatMap((block) => block.groups);
  return {
    toGradient,
    toM,
    toV,
    step: reserve(8 * FLOAT),
    losses: reserve(panels * 8),
    squares: reserve(groups.reduce((sum, group) => sum + group.blocks, 0) * 8),
    series: reserve(series * FLOAT),
    fitOrigins: reserve(fit * FLOAT),
    validateOrigins: reserve(validate * FLOAT),
  };
}

/** One place after the other. */
function stack(start: number): { reserve: (bytes: number) => number; end: () => number } {
  let end = start;
  return {
    end: () => end,
    reserve: (bytes) => {
      const place = end;
      end += Math.ceil(bytes / LINE) * LINE + LINE;
      return place;
    },
  };
}
