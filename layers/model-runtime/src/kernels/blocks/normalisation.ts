import { blockBytes, FLOAT, LANES, reserveSequence, type Plan, type Sequence } from '../plan.ts';
import { at, turn, turnColumns, type GradientPass, type Group, type Pass, type Place } from './block.ts';

/** Layer normalisation of each step; kernels/normalisation.ts has the equations. */
export interface Normalisation {
  readonly places: readonly Place[];
  readonly group: Group;
  readonly out: Sequence;
  /** Puts what is normalised, without gamma and beta, in place of the input. */
  readonly forward: (pass: Pass) => void;
  /** From the gradients with respect to the answers to those of the input, in place of what lay there. */
  readonly backward: (pass: Pass) => void;
}

interface Layer {
  readonly input: Sequence;
  readonly out: Sequence;
  readonly size: number;
  readonly gamma: number;
  readonly beta: number;
  /** 1 / sqrt(variance + 0.001): [step][panel][lanes]. */
  readonly inverse: number;
  /** Gradients of gamma, of each row, laid out as the answers. */
  readonly slopes: number;
  /** Those, and the answers' gradients: [feature / 4][step][panel][8 rows][4]. */
  readonly turnedSlopes: number;
  readonly turned: number;
  readonly turnedBlock: number;
}

/** `size`: features of the input that are not padding. */
export function normalisation(plan: Plan, input: Sequence, size: number): Normalisation {
  const layer = planLayer(plan, input, size);
  const { gamma, beta, out } = layer;
  const blocks = input.features / 4;
  const place = (start: number): Place => ({ at: start, rows: 1, depth: 1, gates: 1, columns: size });
  const group: Group = {
    blocks,
    matrices: [],
    vectors: [gamma, beta],
    gradients: (pass) => gradients(layer, pass),
  };
  return {
    places: [place(gamma), place(beta)],
    group,
    out,
    forward: (pass) => forward(plan, layer, pass),
    backward: (pass) => backward(layer, pass),
  };
}

function planLayer(plan: Plan, input: Sequence, size: number): Layer {
  const { panels, lanes, weights, reserve, reserveToTrain } = plan;
  const { steps, features, stride } = input;
  const turnedBlock = blockBytes(steps * panels, 4);
  const turned = (): number => reserveToTrain((features / 4) * turnedBlock);
  return {
    input,
    out: reserveSequence(plan, { steps, features }),
    size,
    gamma: weights(features * FLOAT),
    beta: weights(features * FLOAT),
    inverse: reserve(steps * panels * lanes * FLOAT),
    slopes: reserveToTrain(steps * panels * stride),
    turnedSlopes: turned(),
    turned: turned(),
    turnedBlock,
  };
}

function forward({ lanes }: Plan, { input, out, size, gamma, beta, inverse }: Layer, pass: Pass): void {
  const { kernels, span, panels } = pass;
  const sizes = [lanes, span.to - span.from, size] as const;
  for (let step = 0; step < input.steps; step += 1) {
    const [x, y] = [at(input, input.at, step, pass), at(out, out.at, step, pass)];
    const own = inverse + (step * panels + span.from) * lanes * FLOAT;
    kernels.normalise(...sizes, x, y, input.stride, gamma, beta, own);
  }
}

function backward(layer: Layer, pass: Pass): void {
  const { input, out, size, gamma, inverse, slopes, turnedSlopes, turned, turnedBlock: block } = layer;
  const { kernels, span, panels } = pass;
  const sizes = [span.to - span.from, size] as const;
  for (let step = 0; step < input.steps; step += 1) {
    const own = inverse + (step * panels + span.from) * LANES * FLOAT;
    const [dy, z] = [at(out, out.gradient, step, pass), at(input, input.at, step, pass)];
    const [dx, slope] = [at(input, input.gradient, step, pass), at(out, slopes, step, pass)];
    kernels.normaliseGradient(...sizes, dy, z, dx, slope, input.stride, gamma, own);
  }
  turnColumns(out, { source: slopes, target: turnedSlopes, block }, pass);
  turnColumns(out, { source: out.gradient, target: turned, block }, pass);
  turn(out, pass);
}

function gradients(layer: Layer, { kernels, span: { from, to }, panels, toGradient }: GradientPass): void {
  const { input, gamma, beta, turnedSlopes, turned, turnedBlock } = layer;
  const rows = input.steps * panels * LANES;
  kernels.biasGradient(gamma + toGradient, rows, turnedSlopes, turnedBlock, from, to);
  kernels.biasGradient(beta + toGradient, rows, turned, turnedBlock, from, to);
}
