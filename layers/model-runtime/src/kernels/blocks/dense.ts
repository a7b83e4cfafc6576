import { blockBytes, columnsOf, FLOAT, LANES, panelBytes, type Plan, type Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import {
  at,
  clearGradient,
  type Block,
  type GradientPass,
  type Group,
  type Pass,
  type Place,
} from './block.ts';

/** What a network answers: [panel][step][column][lanes], then, in their place, the gradients with respect to them. */
export interface Answers {
  readonly y: number;
  readonly truth: number;
  /** From panel to panel. */
  readonly stride: number;
  /** Of a panel; padding among them answers zero. */
  readonly columns: number;
  /** From one step answered to the next. */
  readonly stepColumns: number;
}

export interface HeadOf {
  readonly input: Sequence;
  /** Features of the input that are not padding. */
  readonly features: number;
  readonly horizon: number;
  readonly targets: number;
  /** One step answered for each of the input's last ones, with the same weights; else all of them for the last. */
  readonly each: boolean;
}

interface Head {
  readonly input: Sequence;
  readonly answers: Answers;
  /** Steps of the input that it reads: the last ones. */
  readonly steps: number;
  /** Numbers answered for each of them, padded. */
  readonly columns: number;
  readonly w: number;
  readonly b: number;
  readonly wBack: number;
  readonly zeros: number;
  /** The answers' gradients once more: [column / 4][step][panel][8 rows][4]. */
  readonly turned: number;
  readonly turnedBlock: number;
}

/** The last block: a dense layer over the last step, or over each of the last ones. */
export function denseHead(plan: Plan, of: HeadOf): Block & { readonly answers: Answers } {
  const outputs = of.each ? of.targets : of.horizon * of.targets;
  const head = planHead(plan, of, outputs);
  const { w, b, columns, answers } = head;
  const place = (start: number, rows: number, depth: number): Place => ({
    at: start,
    rows,
    depth,
    gates: 1,
    columns: outputs,
  });
  const group: Group = {
    blocks: columns / 4,
    matrices: [{ w, depth: of.input.features, back: head.wBack }],
    vectors: [b],
    gradients: (pass) => gradients(head, pass),
  };
  return {
    places: [place(w, of.features, of.input.features), place(b, 1, 1)],
    groups: [group],
    masks: [],
    answers,
    forward: (pass) => forward(plan, head, pass),
    backward: (pass) => backward(plan, head, pass),
  };
}

function planHead(plan: Plan, { input, horizon, targets, each }: HeadOf, outputs: number): Head {
  const { panels, weights, matrix, reserve, reserveToTrain } = plan;
  const steps = each ? horizon : 1;
  const columns = padded(outputs);
  const stride = panelBytes(plan, steps * columns);
  const answers = {
    y: reserve(panels * stride),
    truth: reserveToTrain(panels * stride),
    stride,
    columns: steps * columns,
    stepColumns: each ? columns : targets,
  };
  return {
    input,
    answers,
    steps,
    columns,
    w: matrix(input.features, columns),
    b: weights(columns * FLOAT),
    wBack: reserveToTrain(input.features * columns * FLOAT),
    zeros: reserveToTrain(input.features * FLOAT),
    turned: reserveToTrain((columns / 4) * blockBytes(steps * panels, 4)),
    turnedBlock: blockBytes(steps * panels, 4),
  };
}

function forward(plan: Plan, head: Head, pass: Pass): void {
  const { input, steps, columns, answers, w, b } = head;
  const { kernels, span } = pass;
  const { lanes } = plan;
  const wStride = input.features * columnsOf(plan) * FLOAT;
  const sizes = [lanes, span.to - span.from, columns / 4, input.features] as const;
  for (let step = 0; step < steps; step += 1) {
    const y = answers.y + span.from * answers.stride + step * columns * lanes * FLOAT;
    const x = at(input, input.at, input.steps - steps + step, pass);
    kernels.product(...sizes, y, answers.stride, b, x, input.stride, w, wStride);
  }
}

/** From dy to the gradient with respect to the input, which the steps that were not read have none of. */
function backward({ lanes }: Plan, head: Head, pass: Pass): void {
  const { input, steps, columns, answers, wBack, zeros, turned, turnedBlock } = head;
  const { kernels, span, panels } = pass;
  const count = span.to - span.from;
  const unread = input.steps - steps;
  clearGradient(input, pass, unread);
  const sizes = [lanes, count, input.features / 4, columns] as const;
  for (let step = 0; step < steps; step += 1) {
    const dy = answers.y + span.from * answers.stride + step * columns * LANES * FLOAT;
    const dx = at(input, input.gradient, unread + step, pass);
    kernels.product(...sizes, dx, input.stride, zeros, dy, answers.stride, wBack, columns * 16);
    const target = turned + (step * panels + span.from) * 128;
    kernels.turnGates(target, turnedBlock, dy, answers.stride, count, columns / 4);
  }
}

function gradients(head: Head, { kernels, span: { from, to }, panels, toGradient }: GradientPass): void {
  const { input, steps, w, b, turned, turnedBlock } = head;
  const rows = steps * panels * LANES;
  const read = input.turned + (input.steps - steps) * panels * 256;
  const sources = [read, input.turnedBlock, turned, turnedBlock, 0] as const;
  kernels.weightGradient(w + toGradient, input.features, rows, ...sources, from, to);
  kernels.biasGradient(b + toGradient, rows, turned, turnedBlock, from, to);
}
