import type { Group, Span } from './blocks/block.ts';
import type { TrainingLayout } from './layout.ts';
import {
  backward,
  forward,
  groupsOf,
  masksOf,
  openBlocks,
  shareOf,
  trained,
  type Network,
} from './network.ts';
import { clipScale } from './optimizer.ts';
import { outputsOf } from './shape.ts';

export const LOSSES = ['mse', 'mae', 'huber'] as const;

/** What stays the same for all batches of a training. Numbers alone, so that it can be handed to other threads. */
export interface BatchSettings {
  readonly loss: (typeof LOSSES)[number];
  readonly clipNorm: number;
  readonly weightDecay: number;
  readonly dropout: number;
}

export interface Batch {
  /** First window and number of windows, in the order of the epoch (or of validation). */
  readonly start: number;
  readonly count: number;
  /** Key of the batch's dropout. */
  readonly key: number;
  readonly learningRate: number;
}

/** Whose share of the work it is, and how to wait for the others. */
export interface Member {
  readonly index: number;
  readonly members: number;
  /** Returns once every member has come here. */
  readonly meet: () => void;
}

const LANES = 8;

/** Called by one member, before the others start on the batch. */
export function openBatch(network: Network, count: number): void {
  openBlocks(network, Math.ceil(count / LANES));
}

/**
 * One step of Adam. Rows are shared out for the passes, columns for gradients and update: each number is made by one member,
 * in the same way whoever that is, so that the weights do not depend on how many there are.
 */
export function trainBatch(network: Network, settings: BatchSettings, batch: Batch, member: Member): void {
  const panels = Math.ceil(batch.count / LANES);
  const training = trained(network.layout);
  const share = shareOf(panels, member.index, member.members);
  if (settings.dropout > 0) drawMasks(network, settings.dropout, batch.key, share);
  const origins = training.fitOrigins + batch.start * 4;
  const scale = 1 / (batch.count * outputsOf(network.layout.shape));
  answer({ network, settings, origins, count: batch.count, scale }, share);
  backward(network, share, panels);
  member.meet();
  const groups = groupsOf(network.layout);
  gradients(network, groups, panels, member);
  member.meet();
  const clip = clipScale(squaresOf(network, groups), settings.clipNorm);
  update({ network, groups, clip, decay: batch.learningRate * settings.weightDecay }, member);
}

/** The losses of validation windows, without a step. */
export function evaluateBatch(network: Network, settings: BatchSettings, batch: Batch, member: Member): void {
  const share = shareOf(Math.ceil(batch.count / LANES), member.index, member.members);
  if (settings.dropout > 0) drawMasks(network, 0, 0, share);
  const origins = trained(network.layout).validateOrigins + batch.start * 4;
  answer({ network, settings, origins, count: batch.count, scale: 0 }, share);
}

interface AnswerOf {
  readonly network: Network;
  readonly settings: BatchSettings;
  readonly origins: number;
  readonly count: number;
  readonly scale: number;
}

/** Windows in, then each panel's loss, and dy in place of y. */
function answer({ network, settings, origins, count, scale }: AnswerOf, share: Span): void {
  const { kernels, layout, memory } = network;
  const training = trained(layout);
  const { input, answers, shape } = layout;
  const { features, horizon, targets } = shape;
  const panels = Math.ceil(count / LANES);
  const source = [training.series, features, origins, count, share.from, share.to] as const;
  kernels.gatherWindows(input.at, input.stride, shape.steps, panels, ...source);
  kernels.gatherTargets(
    ...([answers.truth, answers.stride, answers.stepColumns, horizon, targets, ...source] as const),
  );
  forward(network, share, panels);
  const losses = new Float64Array(memory.buffer, training.losses, layout.panels);
  const kind = LOSSES.indexOf(settings.loss);
  for (let panel = share.from; panel < share.to; panel += 1) {
    const at = panel * answers.stride;
    const rows = count - panel * LANES;
    losses[panel] = kernels.loss(kind, answers.y + at, answers.truth + at, answers.columns, rows, scale);
  }
}

function drawMasks({ kernels, layout }: Network, chance: number, key: number, share: Span): void {
  const threshold = Math.floor(chance * 2 ** 32);
  for (const [index, mask] of masksOf(layout).entries()) {
    const perPanel = mask.units * LANES;
    for (let panel = share.from; panel < share.to; panel += 1) {
      const first = (index * layout.panels + panel) * perPanel;
      kernels.dropoutMask(mask.at + panel * mask.stride, perPanel, first, key, threshold, 1 / (1 - chance));
    }
  }
}

/** This member's columns of every weight's gradient, and their sums of squares. */
function gradients(network: Network, groups: readonly Group[], panels: number, member: Member): void {
  const { layout, kernels } = network;
  const { toGradient } = trained(layout);
  const squares = squaresOf(network, groups);
  let first = 0;
  for (const group of groups) {
    const share = shareOf(group.blocks, member.index, member.members);
    group.gradients({ kernels, span: share, panels, toGradient });
    for (let block = share.from; block < share.to; block += 1) {
      let sum = 0;
      for (const vector of group.vectors) sum += kernels.squares(vector + toGradient + block * 16, 16);
      for (const { w, depth } of group.matrices)
        sum += kernels.squares(w + toGradient + block * depth * 16, depth * 16);
      squares[first + block] = sum;
    }
    first += group.blocks;
  }
}

function squaresOf({ layout, memory }: Network, groups: readonly Group[]): Float64Array {
  const blocks = groups.reduce((sum, group) => sum + group.blocks, 0);
  return new Float64Array(memory.buffer, trained(layout).squares, blocks);
}

interface UpdateOf {
  readonly network: Network;
  readonly groups: readonly Group[];
  readonly clip: number;
  readonly decay: number;
}

/** Adam on this member's columns; vectors do not decay. */
function update({ network, groups, clip, decay }: UpdateOf, member: Member): void {
  const { kernels, layout } = network;
  const { step, toGradient, toM, toV }: TrainingLayout = trained(layout);
  for (const group of groups) {
    const { from, to } = shareOf(group.blocks, member.index, member.members);
    const columns = group.blocks * 4;
    for (const { w, depth, back } of group.matrices) {
      const bytes = (to - from) * depth * 16;
      kernels.adam(step, clip, decay, w + from * depth * 16, bytes, toGradient, toM, toV);
      if (back !== 0) kernels.repack(back, w, depth, columns, from, to);
    }
    for (const vector of group.vectors)
      kernels.adam(step, clip, 0, vector + from * 16, (to - from) * 16, toGradient, toM, toV);
  }
}
