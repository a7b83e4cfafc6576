import type { Place } from './blocks/block.ts';
import { architectureOf } from '../families/networks.ts';
import type { Layout } from './layout.ts';
import { columnsOf } from './plan.ts';
import { padded, type NetworkShape } from './shape.ts';

/** One array of a Keras model: row-major, in the order of weights.bin. */
export interface WeightArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** How the arrays of weights are called and shaped. */
export function weightShapes(shape: NetworkShape): Omit<WeightArray, 'values'>[] {
  return architectureOf(shape)
    .arrays(shape)
    .map(({ name, shape: size }) => ({ name, shape: size }));
}

/** Keras' arrays, in the order of weightShapes, into the kernels' blocks; `distance` as in readWeights. */
export function writeWeights(
  layout: Layout,
  memory: WebAssembly.Memory,
  arrays: readonly Float32Array[],
  distance = 0,
): void {
  const floats = new Float32Array(memory.buffer, distance);
  for (const [index, place] of placesOf(layout).entries()) {
    const values = arrays[index] ?? new Float32Array();
    eachWeight(place, columnsOf(layout), (from, to) => (floats[to] = values[from] ?? Number.NaN));
  }
}

/** The kernels' blocks as Keras' arrays; `distance` bytes from the weights lie their gradients and moments. */
export function readWeights(layout: Layout, memory: WebAssembly.Memory, distance = 0): WeightArray[] {
  const floats = new Float32Array(memory.buffer, distance);
  const places = placesOf(layout);
  return weightShapes(layout.shape).map((array, index) => {
    const values = new Float32Array(array.shape.reduce((product, size) => product * size, 1));
    const place = places[index];
    if (place !== undefined)
      eachWeight(place, columnsOf(layout), (to, from) => (values[to] = floats[from] ?? Number.NaN));
    return { ...array, values };
  });
}

function placesOf({ blocks }: Layout): Place[] {
  return blocks.flatMap((block) => block.places);
}

/** Numbers of a Keras array, row-major, and the floats in memory that they lie in: `wide` columns side by side. */
function eachWeight(
  { at, firstColumn = 0, rows, depth, taps = 1, gates, columns }: Place,
  wide: number,
  visit: (keras: number, packed: number) => void,
): void {
  for (let row = 0; row < taps * rows; row += 1) {
    const k = Math.floor(row / rows) * (depth / taps) + (row % rows);
    for (let gate = 0; gate < gates; gate += 1) {
      for (let column = 0; column < columns; column += 1) {
        const own = firstColumn + gate * padded(columns) + column;
        const packed = at / 4 + (Math.floor(own / wide) * depth + k) * wide + (own % wide);
        visit((row * gates + gate) * columns + column, packed);
      }
    }
  }
}
