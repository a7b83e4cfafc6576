import { blockBytes, FLOAT, panelBytes, reserveSequence, type Plan, type Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import {
  turnColumns,
  writeStruct,
  type GradientPass,
  type Group,
  type Mask,
  type Pass,
  type Place,
} from './block.ts';

export interface ConvolutionOf {
  readonly input: Sequence;
  /** Features of the input that are not padding. */
  readonly features: number;
  readonly units: number;
  /** Number of lags. */
  readonly taps: number;
  /** Steps answered, and how many of the input's steps each of them is. */
  readonly steps: number;
  readonly stride: number;
  /** max(y, 0). */
  readonly rectified: boolean;
  /** Whether units are dropped in training; default: where it is rectified. */
  readonly dropped?: boolean;
  /** Whether each step has biases of its own; default: they share theirs. */
  readonly biasOfSteps?: boolean;
  /** Whether gradients of weights read what it answers; default: they do. */
  readonly turned?: boolean;
  /** Where the gradient with respect to what it answers lies; default: in memory of its own. */
  readonly gradient?: number;
}

/** A causal convolution in memory; kernels/convolution.ts has the equations. */
export interface Convolution {
  /** Where its weights lie: kernel and bias. */
  readonly w: number;
  readonly b: number;
  /** Rows of a column block of the kernel. */
  readonly depth: number;
  readonly places: readonly Place[];
  readonly group: Group;
  readonly masks: readonly Mask[];
  readonly out: Sequence;
  readonly open: (memory: WebAssembly.Memory, panels: number) => void;
  readonly forward: (pass: Pass) => void;
  /** From the gradients with respect to the answers, at `source`; adds to those with respect to the input. */
  readonly backward: (pass: Pass, source: number) => void;
}

/** The struct Convolution of kernels/convolution.ts, in its order. */
const FIELDS = [
  ...(['steps', 'xSteps', 'stride', 'taps', 'panels', 'lanes', 'inputs', 'columns'] as const),
  ...(['x', 'xStride', 'dx', 'y', 'yStride', 'dy', 'w', 'b', 'bStep', 'wBack'] as const),
  ...(['rectified', 'mask'] as const),
] as const;

interface Layer {
  readonly address: number;
  readonly fields: Readonly<Record<(typeof FIELDS)[number], number>>;
  readonly input: Sequence;
  readonly out: Sequence;
  /** Gradients of what went into y, once more: [column / 4][step][panel][8 rows][4]. */
  readonly turned: number;
  readonly turnedBlock: number;
}

export function convolution(plan: Plan, of: ConvolutionOf): Convolution {
  const layer = planLayer(plan, of);
  const { address, fields, out, turned: target, turnedBlock: block } = layer;
  const { w, b, wBack, inputs, columns, taps, mask, yStride, dy } = fields;
  const depth = taps * inputs;
  return {
    w,
    b,
    depth,
    out,
    places: [
      { at: w, rows: of.features, taps, depth, gates: 1, columns: of.units },
      { at: b, rows: 1, depth: 1, gates: biasesOf(fields), columns: of.units },
    ],
    group: {
      blocks: columns / 4,
      matrices: [{ w, depth, back: wBack }],
      vectors: Array.from({ length: biasesOf(fields) }, (_, step) => b + step * columns * FLOAT),
      gradients: (pass) => gradients(layer, pass),
    },
    masks: mask === 0 ? [] : [{ at: mask, stride: yStride, units: columns }],
    open: (memory, panels) => writeStruct(memory, address, FIELDS, { ...fields, panels }),
    forward: ({ kernels, span }) => kernels.convolutionForward(address, span.from, span.to),
    backward: (pass, source) => {
      pass.kernels.convolutionBackward(address, source, pass.span.from, pass.span.to);
      turnColumns(out, { source: dy, target, block }, pass);
    },
  };
}

/** 1, or one for each step. */
function biasesOf({ bStep, steps }: Layer['fields']): number {
  return bStep === 0 ? 1 : steps;
}

function planLayer(plan: Plan, of: ConvolutionOf): Layer {
  const { lanes, panels, dropout, weights, matrix, reserve, reserveToTrain } = plan;
  const { input, steps, stride, taps, rectified, dropped = rectified, biasOfSteps = false } = of;
  const { gradient, turned = true } = of;
  const [inputs, columns] = [input.features, padded(of.units)];
  const out = reserveSequence(plan, {
    steps,
    features: columns,
    turned,
    ...(gradient === undefined ? {} : { gradient }),
  });
  const bytes = taps * inputs * columns * FLOAT;
  const fields = {
    steps,
    xSteps: input.steps,
    stride,
    taps,
    panels,
    lanes,
    inputs,
    columns,
    x: input.at,
    xStride: input.stride,
    dx: input.gradient,
    y: out.at,
    yStride: out.stride,
    dy: out.gradient,
    rectified: Number(rectified),
    w: matrix(taps * inputs, columns),
    b: weights((biasOfSteps ? steps : 1) * columns * FLOAT),
    bStep: biasOfSteps ? columns * FLOAT : 0,
    wBack: input.gradient === 0 ? 0 : reserveToTrain(bytes),
    mask: dropped && dropout ? reserve(panels * panelBytes(plan, columns)) : 0,
  };
  const turnedBlock = blockBytes(steps * panels, 4);
  return {
    fields,
    input,
    out,
    turnedBlock,
    turned: reserveToTrain((columns / 4) * turnedBlock),
    address: reserve(FIELDS.length * FLOAT),
  };
}

function gradients(layer: Layer, { kernels, span: { from, to }, panels, toGradient }: GradientPass): void {
  const { address, fields, input, turned, turnedBlock } = layer;
  const { w, b, bStep, steps } = fields;
  const sources = [input.turned, input.turnedBlock, turned, turnedBlock] as const;
  kernels.convolutionGradient(address, w + toGradient, ...sources, from, to);
  const biases = biasesOf(fields);
  const rows = (steps / biases) * panels * 8;
  for (let step = 0; step < biases; step += 1) {
    const own = turned + step * rows * 16;
    kernels.biasGradient(b + toGradient + step * bStep, rows, own, turnedBlock, from, to);
  }
}
