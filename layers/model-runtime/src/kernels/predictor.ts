import { layoutOf, type Layout } from './layout.ts';
import { forward, openBlocks, type Network } from './network.ts';
import { outputsOf, type NetworkShape } from './shape.ts';
import { instantiate, kernelMemory, kernelModule, type KernelBuild } from './wasm.ts';
import { writeWeights } from './weights.ts';

/** A network that only answers. Its memory is its own, and set apart once. */
export interface Predictor {
  /** Answers [window][outputs] to contexts [window][step][feature]; one window allocates nothing but its answer. */
  readonly predict: (contexts: Float32Array) => Float32Array;
}

/** Windows a pass: few enough for a core's cache, enough to read each weight for many rows. */
const MOST_ROWS = 64;
const LANES = 8;

/** `weights` are Keras' arrays, in the order of weightShapes. */
export function createPredictor(
  shape: NetworkShape,
  weights: readonly Float32Array[],
  build: KernelBuild = 'kernels',
): Predictor {
  const single = networkFor(layoutOf({ shape, lanes: 1, rows: 1 }), weights, build);
  let many: Network | undefined;
  const size = shape.steps * shape.features;
  const outputs = outputsOf(shape);
  return {
    predict: (contexts) => {
      const count = contexts.length / size;
      const answers = new Float32Array(count * outputs);
      if (count === 1) {
        predictOne(single, contexts, answers);
        return answers;
      }
      many ??= networkFor(layoutOf({ shape, lanes: LANES, rows: MOST_ROWS }), weights, build);
      for (let start = 0; start < count; start += MOST_ROWS) {
        const end = Math.min(count, start + MOST_ROWS);
        predictMany(
          many,
          contexts.subarray(start * size, end * size),
          answers.subarray(start * outputs, end * outputs),
        );
      }
      return answers;
    },
  };
}

function networkFor(layout: Layout, weights: readonly Float32Array[], build: KernelBuild): Network {
  const memory = kernelMemory(layout.bytes);
  writeWeights(layout, memory, weights);
  openBlocks({ layout, memory }, layout.panels);
  return { kernels: instantiate(kernelModule(build), memory), layout, memory };
}

const ONE = { from: 0, to: 1 };

function predictOne(network: Network, context: Float32Array, answers: Float32Array): void {
  const { layout, memory } = network;
  const { input, shape } = layout;
  const floats = new Float32Array(memory.buffer);
  for (let step = 0; step < shape.steps; step += 1) {
    const at = (input.at + step * input.stride) / 4;
    for (let feature = 0; feature < shape.features; feature += 1)
      floats[at + feature] = context[step * shape.features + feature] ?? Number.NaN;
  }
  forward(network, ONE);
  readAnswers(network, 0, answers);
}

/** Up to MOST_ROWS windows. Rows that only fill a panel up keep what lay there: nobody reads their answers. */
function predictMany(network: Network, contexts: Float32Array, answers: Float32Array): void {
  const { layout, memory } = network;
  const { input, shape, panels } = layout;
  const { steps, features } = shape;
  const floats = new Float32Array(memory.buffer);
  const outputs = outputsOf(shape);
  const count = answers.length / outputs;
  for (let row = 0; row < count; row += 1) {
    for (let step = 0; step < steps; step += 1) {
      const source = (row * steps + step) * features;
      const at = panelAt(input.at + step * panels * input.stride, input.stride, row);
      for (let feature = 0; feature < features; feature += 1)
        floats[at + feature * LANES] = contexts[source + feature] ?? Number.NaN;
    }
  }
  forward(network, { from: 0, to: Math.ceil(count / LANES) });
  for (let row = 0; row < count; row += 1)
    readAnswers(network, row, answers.subarray(row * outputs, (row + 1) * outputs));
}

/** The answers of one row. */
function readAnswers({ layout, memory }: Network, row: number, answers: Float32Array): void {
  const { y, stride, stepColumns } = layout.answers;
  const { targets } = layout.shape;
  const floats = new Float32Array(memory.buffer);
  const start = layout.lanes === 1 ? y / 4 : panelAt(y, stride, row);
  for (let index = 0; index < answers.length; index += 1) {
    const column = Math.floor(index / targets) * stepColumns + (index % targets);
    answers[index] = floats[start + column * layout.lanes] ?? Number.NaN;
  }
}

/** The float at which a row's lane of its panel begins. */
function panelAt(start: number, stride: number, row: number): number {
  return (start + Math.floor(row / LANES) * stride) / 4 + (row % LANES);
}
