import { z } from 'zod';
import type { NetworkShape } from '../../kernels/shape.ts';
import {
  functionalModel,
  functionalNodes,
  lastStepAnswers,
  node,
  shapeOfEnds,
  windowInput,
  type KerasNode,
} from '../../networks/keras.ts';
import { sameNodes } from '../../networks/same-model.ts';

/** Lags of a convolution. */
export const TAPS = 3;

/**
 * Steps from one lag of a block's convolutions to the next: 1, 2, 4 and so on, as long as one lies within the window. Deeper
 * blocks keep the last of them.
 */
export function dilationOf({ steps }: NetworkShape, layer: number): number {
  let dilation = 1;
  for (let each = 0; each < layer && 2 * dilation < steps; each += 1) dilation *= 2;
  return dilation;
}

export function tcnTopology(shape: NetworkShape): Record<string, unknown> {
  return functionalModel(nodesOf(shape));
}

/**
 * TF.js pads no convolution causally: a window becomes an image of one column, [steps, 1, features], and gets rows of zeros
 * before each convolution; the last step is what is left when the others are cropped.
 */
function nodesOf(shape: NetworkShape): KerasNode[] {
  const { steps, features, layers } = shape;
  const blocks: KerasNode[] = [];
  for (let layer = 0; layer < layers; layer += 1)
    blocks.push(...residualNodes(shape, layer, layer === 0 ? 'column' : `relu_${layer}`));
  return [
    windowInput(steps, features),
    node('Reshape', 'column', ['window'], { target_shape: [steps, 1, features] }),
    ...blocks,
    ...lastStepAnswers(`relu_${layers}`, shape),
  ];
}

function residualNodes(shape: NetworkShape, layer: number, below: string): KerasNode[] {
  const { units } = shape;
  const number = layer + 1;
  const [first, second, skip] = [`conv_${number}_1`, `conv_${number}_2`, `skip_${number}`];
  const dilation = dilationOf(shape, layer);
  const isWide = layer === 0 && shape.features !== units;
  return [
    ...convolutionNodes(first, below, { units, dilation }),
    ...convolutionNodes(second, first, { units, dilation }),
    ...(isWide ? [convolutionNode(skip, below, { units, taps: 1, dilation: 1, activation: 'linear' })] : []),
    node('Add', `add_${number}`, [second, isWide ? skip : below]),
    node('Activation', `relu_${number}`, [`add_${number}`], { activation: 'relu' }),
  ];
}

/** A causal convolution, rectified. */
function convolutionNodes(
  name: string,
  from: string,
  { units, dilation }: { units: number; dilation: number },
): KerasNode[] {
  const pad = `pad_${name}`;
  const padding = [
    [(TAPS - 1) * dilation, 0],
    [0, 0],
  ];
  return [
    node('ZeroPadding2D', pad, [from], { padding, data_format: 'channels_last' }),
    convolutionNode(name, pad, { units, taps: TAPS, dilation, activation: 'relu' }),
  ];
}

interface ConvolutionNodeOf {
  readonly units: number;
  readonly taps: number;
  readonly dilation: number;
  readonly activation: 'relu' | 'linear';
}

function convolutionNode(
  name: string,
  from: string,
  { units, taps, dilation, activation }: ConvolutionNodeOf,
): KerasNode {
  return node('Conv2D', name, [from], {
    filters: units,
    kernel_size: [taps, 1],
    strides: [1, 1],
    padding: 'valid',
    data_format: 'channels_last',
    dilation_rate: [dilation, 1],
    activation,
    use_bias: true,
  });
}

const convolution = z.object({ filters: z.number().int().min(1) });

export function readTcn(topology: unknown): NetworkShape | undefined {
  const nodes = functionalNodes(topology) ?? [];
  const ends = shapeOfEnds(nodes);
  const first = convolution.safeParse(nodes.find(({ class_name }) => class_name === 'Conv2D')?.config).data;
  const layers = nodes.filter(({ class_name }) => class_name === 'Add').length;
  if (!ends || !first || layers === 0) return undefined;
  const shape: NetworkShape = { family: 'TCN', ...ends, units: first.filters, layers };
  return sameNodes(nodesOf(shape), nodes) ? shape : undefined;
}
