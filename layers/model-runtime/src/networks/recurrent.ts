import { denseHead } from '../kernels/blocks/dense.ts';
import type { SequenceBlock } from '../kernels/blocks/block.ts';
import { GATES, recurrentLayer, type Cell } from '../kernels/blocks/recurrent.ts';
import { constant, glorotUniform, orthogonalGates } from '../kernels/draws.ts';
import type { Plan, Sequence } from '../kernels/plan.ts';
import { outputsOf, type NetworkShape } from '../kernels/shape.ts';
import type { Architecture, ArrayOf } from './architecture.ts';
import { recurrentTopology, readRecurrent } from './recurrent-topology.ts';

/** GRU or LSTM: layers alike, then a dense layer over the last step. */
export function recurrentArchitecture(cell: Cell): Omit<Architecture, 'type' | 'summary' | 'version'> {
  return {
    arrays: (shape) => {
      const { features, units, layers } = shape;
      return [
        ...recurrentArrays(cell, { prefix: cell.toLowerCase(), features, units, layers }),
        ...denseArrays(units, outputsOf(shape)),
      ];
    },
    blocks: (plan, shape, input) => {
      const layers = recurrentLayers(plan, { cell, shape, input, features: shape.features });
      const out = layers.at(-1)?.out ?? input;
      const { units: features, horizon, targets } = shape;
      const head = denseHead(plan, { input: out, features, horizon, targets, each: false });
      return { blocks: [...layers, head], answers: head.answers };
    },
    topology: (shape) => recurrentTopology(cell, shape),
    read: (topology) => readRecurrent(cell, topology, true),
    readUnshaped: (topology) => readRecurrent(cell, topology, false),
  };
}

export interface LayersOf {
  readonly cell: Cell;
  readonly shape: NetworkShape;
  readonly input: Sequence;
  /** Features of the input that are not padding. */
  readonly features: number;
}

/** One above the other. */
export function recurrentLayers(plan: Plan, { cell, shape, input, features }: LayersOf): SequenceBlock[] {
  const layers: SequenceBlock[] = [];
  for (let index = 0; index < shape.layers; index += 1) {
    const below = layers.at(-1);
    const given = below === undefined ? features : shape.units;
    layers.push(
      recurrentLayer(plan, { cell, units: shape.units, input: below?.out ?? input, features: given }),
    );
  }
  return layers;
}

interface RecurrentArraysOf {
  readonly prefix: string;
  readonly features: number;
  readonly units: number;
  readonly layers: number;
}

/** Each layer's kernel, recurrent kernel and bias; LSTM's forget gate begins open (Jozefowicz et al. 2015). */
export function recurrentArrays(
  cell: Cell,
  { prefix, features, units, layers }: RecurrentArraysOf,
): ArrayOf[] {
  const columns = GATES[cell] * units;
  return Array.from({ length: layers }, (_, layer): ArrayOf[] => {
    const name = `${prefix}_${layer + 1}`;
    const rows = layer === 0 ? features : units;
    return [
      { name: `${name}/kernel`, shape: [rows, columns], initial: glorotUniform(rows, columns) },
      {
        name: `${name}/recurrent_kernel`,
        shape: [units, columns],
        initial: orthogonalGates(units, GATES[cell]),
      },
      {
        name: `${name}/bias`,
        shape: [columns],
        initial: () => {
          const bias = new Float32Array(columns);
          return cell === 'LSTM' ? bias.fill(1, units, 2 * units) : bias;
        },
      },
    ];
  }).flat();
}

/** Kernel and bias of the head. */
export function denseArrays(units: number, outputs: number, name = 'dense'): ArrayOf[] {
  return [
    { name: `${name}/kernel`, shape: [units, outputs], initial: glorotUniform(units, outputs) },
    { name: `${name}/bias`, shape: [outputs], initial: constant(outputs) },
  ];
}
