import type { SequenceBlock } from '../../kernels/blocks/block.ts';
import { denseHead } from '../../kernels/blocks/dense.ts';
import { residualBlock } from '../../kernels/blocks/residual.ts';
import { constant, glorotUniform, uniform } from '../../kernels/draws.ts';
import { outputsOf, type NetworkShape } from '../../kernels/shape.ts';
import type { Architecture, ArrayOf } from '../../networks/architecture.ts';
import { denseArrays } from '../../networks/recurrent.ts';
import { dilationOf, readTcn, TAPS, tcnTopology } from './topology.ts';

/** Temporal convolutional network (Bai et al. 2018): residual blocks, then a dense layer over the last step. */
export const tcn: Architecture = {
  type: 'TCN',
  summary: 'Temporal convolutional network (Bai et al. 2018): dilated residual blocks.',
  version: 1,
  arrays: (shape) => [
    ...Array.from({ length: shape.layers }, (_, layer) => residualArrays(shape, layer)).flat(),
    ...denseArrays(shape.units, outputsOf(shape)),
  ],
  blocks: (plan, shape, input) => {
    const { units, horizon, targets } = shape;
    const blocks: SequenceBlock[] = [];
    for (const steps of stepsOf(shape)) {
      const below = blocks.at(-1);
      const features = below === undefined ? shape.features : units;
      blocks.push(residualBlock(plan, { input: below?.out ?? input, features, units, taps: TAPS, ...steps }));
    }
    const out = blocks.at(-1)?.out ?? input;
    const head = denseHead(plan, { input: out, features: units, horizon, targets, each: false });
    return { blocks: [...blocks, head], answers: head.answers };
  },
  topology: tcnTopology,
  read: readTcn,
};

interface BlockSteps {
  readonly between: number;
  readonly steps: number;
  readonly stride: number;
}

/**
 * The steps of each block that the answers depend on: the last one of the last block, and of every other what the block
 * above it reads. Those of a block lie as far from each other as its lags, or those of the block above.
 */
function stepsOf(shape: NetworkShape): BlockSteps[] {
  const all: BlockSteps[] = [];
  let [steps, stride] = [1, 1];
  for (let layer = shape.layers - 1; layer >= 0; layer -= 1) {
    const dilation = dilationOf(shape, layer);
    const most = Math.floor((shape.steps - 1) / dilation) + 1;
    const between = Math.min(most, (steps - 1) * stride + TAPS);
    all.unshift({ between, steps, stride });
    steps = Math.min(most, between + TAPS - 1);
    stride = layer === 0 ? 1 : dilation / dilationOf(shape, layer - 1);
  }
  return all;
}

/** He uniform kernels (He et al. 2015) before a rectifier, Glorot uniform ones elsewhere; biases of zero. */
function residualArrays({ features, units }: NetworkShape, layer: number): ArrayOf[] {
  const given = layer === 0 ? features : units;
  const array = (name: string, taps: number, rows: number): ArrayOf[] => {
    const size = taps * rows * units;
    const initial = taps === 1 ? glorotUniform(rows, units) : uniform(size, Math.sqrt(6 / (taps * rows)));
    return [
      { name: `${name}/kernel`, shape: [taps, 1, rows, units], initial },
      { name: `${name}/bias`, shape: [units], initial: constant(units) },
    ];
  };
  const number = layer + 1;
  return [
    ...array(`conv_${number}_1`, TAPS, given),
    ...array(`conv_${number}_2`, TAPS, units),
    ...(given === units ? [] : array(`skip_${number}`, 1, given)),
  ];
}
