import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import { masksOf, trained, type Network } from './network.ts';
import { outputsOf } from './shape.ts';
import {
  contextOf,
  networkOf,
  passBatch,
  problemOf,
  truthOf,
  type Problem,
  type ProblemOf,
} from './testing/problem.ts';
import { referenceAnswer, referenceLoss } from './testing/reference.ts';
import { readWeights } from './weights.ts';

/** What dropout multiplied the units of each row's layers by. */
function factorsOf(
  { layout, memory }: Network,
  { settings, shape }: Problem,
  row: number,
): number[][] | undefined {
  if (settings.dropout === 0) return undefined;
  const floats = new Float32Array(memory.buffer);
  return masksOf(layout).map(({ at, stride }) => {
    const first = (at + Math.floor(row / 8) * stride) / 4 + (row % 8);
    return Array.from({ length: shape.units }, (_, unit) => floats[first + unit * 8] ?? Number.NaN);
  });
}

function lossAt(network: Network, problem: Problem, weights: readonly Float64Array[]): number {
  const { shape, settings, origins } = problem;
  const answers = origins.map((origin, row) => {
    const masks = factorsOf(network, problem, row);
    return referenceAnswer({ shape, weights, context: contextOf(problem, origin), ...(masks && { masks }) });
  });
  return referenceLoss(
    settings.loss,
    answers,
    origins.map((origin) => truthOf(problem, origin)),
  );
}

const STEP = 1e-5;
/** At most so many weights of an array are moved, and about so many in all. */
const MOST = 12;
const MOST_IN_ALL = 240;

/** Central differences in 64 bits. */
function difference(network: Network, problem: Problem, array: number, index: number): number {
  const moved = (by: number): number => {
    const weights = problem.weights.map((values) => Float64Array.from(values));
    const values = weights[array] ?? new Float64Array();
    values[index] = (values[index] ?? 0) + by;
    return lossAt(network, problem, weights);
  };
  return (moved(STEP) - moved(-STEP)) / (2 * STEP);
}

const tiny = { steps: 1, features: 1, units: 1, layers: 1, outputs: 1, targets: 1, rows: 1 };
const odd = { steps: 5, features: 3, units: 5, layers: 1, outputs: 6, targets: 2, rows: 11 };
const shapes: readonly (Omit<ProblemOf, 'family'> & { readonly name: string })[] = [
  { ...tiny, name: 'one of everything' },
  { ...odd, name: 'odd sizes, a part-filled panel' },
  { ...odd, name: 'two layers', layers: 2, units: 6, rows: 9 },
  { ...odd, name: 'three layers of seven units', layers: 3, units: 7, rows: 3, steps: 4 },
  { ...odd, name: 'whole panels and blocks', units: 8, features: 4, rows: 16, outputs: 4, targets: 4 },
  { ...odd, name: 'one step, two layers', steps: 1, layers: 2 },
  { ...odd, name: 'a long window, three layers', steps: 14, layers: 3, rows: 9, units: 4 },
  { ...odd, name: 'as many features as units', features: 5, layers: 2, steps: 6 },
  { ...odd, name: 'many features, one target', features: 9, targets: 1, outputs: 5 },
  { ...odd, name: 'absolute errors', loss: 'mae' },
  { ...odd, name: 'Huber’s loss', loss: 'huber', scale: 1.5 },
  { ...odd, name: 'dropout', dropout: 0.4, layers: 2, rows: 17 },
  { ...odd, name: 'gates near saturation', scale: 3 },
];

/** Scores of attention grow with the square of the weights: their softmax saturates sooner than gates. */
function scaleOf(family: string, { scale = 1 }: { readonly scale?: number }): number {
  return family === 'TETS' ? Math.min(scale, 2.5) : scale;
}

describe.each(NETWORK_TYPES)('gradients of %s', (family) => {
  it.each(shapes)('are those of central differences: $name', ({ name: _name, ...of }) => {
    const problem = problemOf({ family, ...of, scale: scaleOf(family, of) });
    const network = networkOf(problem);
    passBatch(network, problem);
    const gradients = readWeights(network.layout, network.memory, trained(network.layout).toGradient);
    for (const [array, { name, values }] of gradients.entries()) {
      const most = Math.min(MOST, Math.ceil(MOST_IN_ALL / gradients.length));
      const picked = [...values.keys()].filter((index) => index % Math.ceil(values.length / most) === 0);
      const largest = Math.max(...values.map(Math.abs), 1e-3);
      for (const index of picked) {
        const expected = difference(network, problem, array, index);
        expect(Math.abs((values[index] ?? Number.NaN) - expected), `${name}[${index}]`).toBeLessThan(
          2e-5 * largest + 1e-6,
        );
      }
    }
  });

  it.each(shapes)('come with the loss of the batch: $name', ({ name: _name, ...of }) => {
    const problem = problemOf({ family, ...of });
    const network = networkOf(problem);
    const { count } = passBatch(network, problem);
    const losses = new Float64Array(
      network.memory.buffer,
      trained(network.layout).losses,
      Math.ceil(count / 8),
    );
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / (count * outputsOf(problem.shape));
    const expected = lossAt(
      network,
      problem,
      problem.weights.map((values) => Float64Array.from(values)),
    );
    expect(Math.abs(mean / expected - 1)).toBeLessThan(2e-6);
  });
});
