import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import { loadLayers } from '../tfjs/layers-model.ts';
import { kerasTopology } from './keras-model.ts';
import { createPredictor } from './predictor.ts';
import { problemOf, contextOf, type Problem, type ProblemOf } from './testing/problem.ts';
import { referenceAnswer } from './testing/reference.ts';
import { outputsOf } from './shape.ts';
import { weightShapes } from './weights.ts';

const shapes: readonly (Omit<ProblemOf, 'family'> & { readonly name: string })[] = [
  { name: 'odd sizes', steps: 7, features: 3, units: 5, layers: 2, outputs: 6, targets: 2, rows: 13 },
  { name: 'many blocks', steps: 4, features: 6, units: 67, layers: 1, outputs: 9, targets: 3, rows: 70 },
  { name: 'one step', steps: 1, features: 1, units: 4, layers: 3, outputs: 1, targets: 1, rows: 9 },
];

/** Their units answer within [-1, 1]. */
const BOUNDED: ReadonlySet<string> = new Set(['GRU', 'LSTM', 'ED_LSTM'] as const);

function contextsOf(problem: Problem): Float32Array {
  return Float32Array.from(problem.origins.flatMap((origin) => contextOf(problem, origin).flat()));
}

/** The same weights as a file of TF.js, run by TF.js. */
async function tfjs({ shape, weights }: Problem): ReturnType<typeof loadLayers> {
  const { horizon } = shape;
  const specs = weightShapes(shape).map(({ name, shape: size }) => ({
    name,
    shape: [...size],
    dtype: 'float32' as const,
  }));
  const roles = { targets: ['load'], past: [], future: [] };
  const flts = {
    modelType: shape.family,
    contextRows: shape.steps,
    horizon,
    roles,
    calendar: { timeZone: 'UTC', features: [] },
    frequency: { stepMs: 1, businessDays: false },
  };
  const json = {
    modelTopology: kerasTopology(shape),
    weightsManifest: [{ weights: specs }],
    userDefinedMetadata: { flts },
  };
  const bytes = Buffer.concat(weights.map((values) => new Uint8Array(values.buffer)));
  return loadLayers(json, bytes);
}

describe.each(NETWORK_TYPES)('a %s on the kernels', (family) => {
  it.each(shapes)('answers as the equations do in 64 bits: $name', ({ name: _name, ...of }) => {
    // Through two stacks of layers roundings grow with the weights of both.
    for (const scale of [0.5, family === 'ED_LSTM' ? 3 : 30]) {
      const problem = problemOf({ family, ...of, scale });
      const { shape, weights, origins } = problem;
      const answers = createPredictor(shape, weights).predict(contextsOf(problem));
      const expected = origins.flatMap((origin) =>
        referenceAnswer({ shape, weights, context: contextOf(problem, origin) }),
      );
      const most = expected.reduce((worst, y, at) => Math.max(worst, Math.abs(y - (answers[at] ?? NaN))), 0);
      expect(most).toBeLessThan(1e-5 * Math.max(...expected.map(Math.abs)) + 1e-5);
    }
  });

  it.each(shapes)('answers as TF.js does: $name', async ({ name: _name, ...of }) => {
    // A rectifier's answers grow with the weights: with smaller ones a difference between two roundings stays one.
    const problem = problemOf({ family, ...of, scale: BOUNDED.has(family) ? 1 : 0.5 });
    const answers = createPredictor(problem.shape, problem.weights).predict(contextsOf(problem));
    const model = await tfjs(problem);
    const theirs = model.predict(contextsOf(problem));
    model.dispose();
    expect(answers).toHaveLength(theirs.length);
    for (const [at, y] of answers.entries())
      expect(Math.abs(y - (theirs[at] ?? NaN))).toBeLessThan(1e-5 * Math.abs(y) + 1e-5);
  });

  it.each(shapes)(
    'has the same bits for a window alone and among others: $name',
    ({ name: _name, ...of }) => {
      const problem = problemOf({ family, ...of });
      const contexts = contextsOf(problem);
      const size = problem.shape.steps * problem.shape.features;
      for (const build of ['kernels', 'kernels-wide', 'kernels-fma', 'kernels-wide-fma'] as const) {
        const { predict } = createPredictor(problem.shape, problem.weights, build);
        const alone = problem.origins.flatMap((_, row) => [
          ...predict(contexts.subarray(row * size, (row + 1) * size)),
        ]);
        expect([...predict(contexts)]).toEqual(alone);
        // What lay in the memory before has no say.
        expect([...predict(contexts.subarray(0, 2 * size))]).toEqual(
          alone.slice(0, 2 * outputsOf(problem.shape)),
        );
      }
    },
  );

  it('answers NaN to NaN, as a network must that has diverged', () => {
    const problem = problemOf({
      family,
      steps: 2,
      features: 1,
      units: 4,
      layers: 1,
      outputs: 1,
      targets: 1,
      rows: 1,
    });
    const { predict } = createPredictor(problem.shape, problem.weights);
    expect([...predict(Float32Array.from([NaN, 0]))]).toEqual([NaN]);
    expect([...predict(Float32Array.from([0, 0]))][0]).not.toBeNaN();
  });
});
