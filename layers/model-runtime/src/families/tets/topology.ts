import { z } from 'zod';
import type { NetworkShape } from '../../kernels/shape.ts';
import {
  denseLayer,
  functionalModel,
  functionalNodes,
  lastStepAnswers,
  node,
  shapeOfEnds,
  windowInput,
  type KerasNode,
} from '../../networks/keras.ts';
import { sameNodes } from '../../networks/same-model.ts';

/** Units of the feed-forward layer, for each of the block's (Vaswani et al. 2017). */
export const INNER = 4;

/** Four heads where they share the units out evenly, else two, else one. */
export function headsOf({ units }: Pick<NetworkShape, 'units'>): number {
  return [4, 2].find((heads) => units % heads === 0) ?? 1;
}

export function transformerTopology(shape: NetworkShape): Record<string, unknown> {
  return functionalModel(nodesOf(shape));
}

/**
 * TF.js has no layer that adds a learnt number to each step: an embedding does, of the index that every window has, which is
 * the mean of its numbers cut to 0.
 */
function nodesOf(shape: NetworkShape): KerasNode[] {
  const { steps, features, units, layers } = shape;
  const blocks = Array.from({ length: layers }, (_, layer) =>
    encoderNodes(shape, layer + 1, layer === 0 ? 'embedded' : `norm_${layer}_2`),
  );
  return [
    windowInput(steps, features),
    node('Reshape', 'numbers', ['window'], { target_shape: [steps * features, 1] }),
    node('GlobalAveragePooling1D', 'mean', ['numbers']),
    node('ReLU', 'zero', ['mean'], { max_value: 0 }),
    node('Embedding', 'position', ['zero'], {
      input_dim: 1,
      output_dim: steps * units,
      batch_input_shape: [null, null],
    }),
    node('Dense', 'projection', ['window'], { units, activation: 'linear', use_bias: false }),
    node('Reshape', 'positions', ['position'], { target_shape: [steps, units] }),
    node('Add', 'embedded', ['projection', 'positions']),
    ...blocks.flat(),
    node('Reshape', 'column', [`norm_${layers}_2`], { target_shape: [steps, 1, units] }),
    ...lastStepAnswers('column', shape),
  ];
}

function dense(name: string, from: string, units: number): KerasNode {
  return { ...denseLayer(name, units), from: [from] };
}

function encoderNodes({ units }: NetworkShape, number: number, below: string): KerasNode[] {
  const heads = Array.from({ length: headsOf({ units }) }, (_, head) => `${number}_${head + 1}`);
  const size = units / heads.length;
  const dot = (name: string, from: readonly string[], axes: readonly number[]): KerasNode =>
    node('Dot', name, from, { axes, normalize: false });
  const joined = heads.length > 1 ? `heads_${number}` : `head_${number}_1`;
  const first = `norm_${number}_1`;
  return [
    ...heads.flatMap((of) => [dense(`query_${of}`, below, size), dense(`key_${of}`, below, size)]),
    ...heads.map((of) => dot(`scores_${of}`, [`query_${of}`, `key_${of}`], [2, 2])),
    ...heads.flatMap((of) => [
      node('Softmax', `weights_${of}`, [`scores_${of}`], { axis: -1 }),
      dense(`value_${of}`, below, size),
    ]),
    ...heads.map((of) => dot(`head_${of}`, [`weights_${of}`, `value_${of}`], [2, 1])),
    ...(heads.length > 1
      ? [
          node(
            'Concatenate',
            joined,
            heads.map((of) => `head_${of}`),
            { axis: -1 },
          ),
        ]
      : []),
    dense(`attention_${number}`, joined, units),
    node('Add', `sum_${number}_1`, [`attention_${number}`, below]),
    norm(first, `sum_${number}_1`),
    node('Dense', `feed_${number}_1`, [first], { units: INNER * units, activation: 'relu', use_bias: true }),
    dense(`feed_${number}_2`, `feed_${number}_1`, units),
    node('Add', `sum_${number}_2`, [`feed_${number}_2`, first]),
    norm(`norm_${number}_2`, `sum_${number}_2`),
  ];
}

function norm(name: string, from: string): KerasNode {
  return node('LayerNormalization', name, [from], { axis: [2], epsilon: 0.001, center: true, scale: true });
}

const projection = z.object({ units: z.number().int().min(1) });

export function readTransformer(topology: unknown): NetworkShape | undefined {
  const nodes = functionalNodes(topology) ?? [];
  const ofClass = (name: string): KerasNode[] => nodes.filter(({ class_name }) => class_name === name);
  const ends = shapeOfEnds(nodes);
  const first = projection.safeParse(ofClass('Dense')[0]?.config).data;
  const layers = ofClass('LayerNormalization').length / 2;
  if (!ends || !first || !Number.isInteger(layers) || layers === 0) return undefined;
  const shape: NetworkShape = { family: 'TETS', ...ends, units: first.units, layers };
  return sameNodes(nodesOf(shape), nodes) ? shape : undefined;
}
