import { turn, type SequenceBlock } from '../../kernels/blocks/block.ts';
import { convolution } from '../../kernels/blocks/convolution.ts';
import { denseHead } from '../../kernels/blocks/dense.ts';
import { encoderBlock } from '../../kernels/blocks/encoder.ts';
import { constant, glorotUniform, uniform } from '../../kernels/draws.ts';
import type { Plan, Sequence } from '../../kernels/plan.ts';
import { outputsOf, type NetworkShape } from '../../kernels/shape.ts';
import type { Architecture, ArrayOf } from '../../networks/architecture.ts';
import { denseArrays } from '../../networks/recurrent.ts';
import { headsOf, INNER, readTransformer, transformerTopology } from './topology.ts';

/**
 * Transformer encoder for time series: a projection with a learnt position for each step, blocks of the encoder, a dense layer
 * over the last step. So the last block answers that step alone.
 */
export const tets: Architecture = {
  type: 'TETS',
  summary: 'Transformer encoder (Vaswani et al. 2017) over the window, positions learnt.',
  version: 1,
  arrays: (shape) => [
    ...projectionArrays(shape),
    ...Array.from({ length: shape.layers }, (_, layer) => encoderArrays(shape, layer + 1)).flat(),
    ...denseArrays(shape.units, outputsOf(shape)),
  ],
  blocks: (plan, shape, input) => {
    const { units, layers, horizon, targets } = shape;
    const projected = projection(plan, shape, input);
    const blocks: SequenceBlock[] = [projected];
    for (let layer = 0; layer < layers; layer += 1) {
      const below = blocks.at(-1)?.out ?? projected.out;
      const steps = layer < layers - 1 ? shape.steps : 1;
      const heads = headsOf(shape);
      blocks.push(encoderBlock(plan, { input: below, units, heads, inner: INNER * units, steps }));
    }
    const out = blocks.at(-1)?.out ?? projected.out;
    const head = denseHead(plan, { input: out, features: units, horizon, targets, each: false });
    return { blocks: [...blocks, head], answers: head.answers };
  },
  topology: transformerTopology,
  read: readTransformer,
};

/** W x + the step's position, which stands for a bias too. */
function projection(plan: Plan, { features, units, steps }: NetworkShape, input: Sequence): SequenceBlock {
  const shared = { input, features, units, steps, taps: 1, stride: 1 };
  const dense = convolution(plan, { ...shared, rectified: false, biasOfSteps: true });
  const { places, group, masks, out, open, forward } = dense;
  return {
    // Keras' order: the position comes first.
    places: places.toReversed(),
    groups: [group],
    masks,
    out,
    open,
    forward,
    backward: (pass) => {
      dense.backward(pass, out.gradient);
      turn(out, pass);
    },
  };
}

/** Positions uniform in [-0.05, 0.05), Keras' own. */
function projectionArrays({ features, units, steps }: NetworkShape): ArrayOf[] {
  const positions = steps * units;
  return [
    { name: 'position/embeddings', shape: [1, positions], initial: uniform(positions, 0.05) },
    { name: 'projection/kernel', shape: [features, units], initial: glorotUniform(features, units) },
  ];
}

function encoderArrays(shape: NetworkShape, number: number): ArrayOf[] {
  const { units } = shape;
  const heads = Array.from({ length: headsOf(shape) }, (_, head) => head + 1);
  const size = units / heads.length;
  const inner = INNER * units;
  const head = (name: string, of: number): ArrayOf[] => denseArrays(units, size, `${name}_${number}_${of}`);
  return [
    ...heads.flatMap((of) => [...scaled(head('query', of), 1 / Math.sqrt(size)), ...head('key', of)]),
    ...heads.flatMap((of) => head('value', of)),
    ...denseArrays(units, units, `attention_${number}`),
    ...normArrays(units, `norm_${number}_1`),
    {
      name: `feed_${number}_1/kernel`,
      shape: [units, inner],
      initial: uniform(units * inner, Math.sqrt(6 / units)),
    },
    { name: `feed_${number}_1/bias`, shape: [inner], initial: constant(inner) },
    ...denseArrays(inner, units, `feed_${number}_2`),
    ...normArrays(units, `norm_${number}_2`),
  ];
}

/** Queries begin with the factor that scores go without. */
function scaled(arrays: readonly ArrayOf[], factor: number): ArrayOf[] {
  return arrays.map((array) => ({
    ...array,
    initial: (random) => array.initial(random).map((value) => value * factor),
  }));
}

function normArrays(units: number, name: string): ArrayOf[] {
  return [
    { name: `${name}/gamma`, shape: [units], initial: constant(units, 1) },
    { name: `${name}/beta`, shape: [units], initial: constant(units) },
  ];
}
