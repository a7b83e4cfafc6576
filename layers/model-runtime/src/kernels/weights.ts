import { GATES, padded, type RecurrentShape } from './shape.ts';
import type { Layout } from './layout.ts';

/** One array of a Keras model: row-major, in the order of weights.bin. */
export interface WeightArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** How an array of weights is called and shaped: each recurrent layer's kernel, recurrent kernel and bias, then the head's. */
export function weightShapes({
  cell,
  features,
  units,
  layers,
  outputs,
}: RecurrentShape): Omit<WeightArray, 'values'>[] {
  const columns = GATES[cell] * units;
  const recurrent = Array.from({ length: layers }, (_, layer) => {
    const name = recurrentName(cell, layer);
    return [
      { name: `${name}/kernel`, shape: [layer === 0 ? features : units, columns] },
      { name: `${name}/recurrent_kernel`, shape: [units, columns] },
      { name: `${name}/bias`, shape: [columns] },
    ];
  });
  return [
    ...recurrent.flat(),
    { name: 'dense/kernel', shape: [units, outputs] },
    { name: 'dense/bias', shape: [outputs] },
  ];
}

export function recurrentName(cell: RecurrentShape['cell'], layer: number): string {
  return `${cell.toLowerCase()}_${layer + 1}`;
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
    eachWeight(place, (from, to) => (floats[to] = values[from] ?? Number.NaN));
  }
}

/** The kernels' blocks as Keras' arrays; `distance` bytes from the weights lie their gradients and moments. */
export function readWeights(layout: Layout, memory: WebAssembly.Memory, distance = 0): WeightArray[] {
  const floats = new Float32Array(memory.buffer, distance);
  const places = placesOf(layout);
  return weightShapes(layout.shape).map((array, index) => {
    const values = new Float32Array(array.shape.reduce((product, size) => product * size, 1));
    const place = places[index];
    if (place !== undefined) eachWeight(place, (to, from) => (values[to] = floats[from] ?? Number.NaN));
    return { ...array, values };
  });
}

/** [rows, gates x columns] in Keras; [gate column / 4][depth][4] from a float on in the kernels. */
interface Place {
  readonly start: number;
  readonly rows: number;
  readonly depth: number;
  readonly gates: number;
  readonly columns: number;
}

function placesOf({ shape, layers, head }: Layout): Place[] {
  const gates = GATES[shape.cell];
  const { units } = shape;
  const recurrent = layers.flatMap(({ fields: { w, u, b, inputs } }, layer) => [
    { start: w / 4, rows: layer === 0 ? shape.features : units, depth: inputs, gates, columns: units },
    { start: u / 4, rows: units, depth: padded(units), gates, columns: units },
    { start: b / 4, rows: 1, depth: 1, gates, columns: units },
  ]);
  return [
    ...recurrent,
    { start: head.w / 4, rows: units, depth: head.inputs, gates: 1, columns: shape.outputs },
    { start: head.b / 4, rows: 1, depth: 1, gates: 1, columns: shape.outputs },
  ];
}

function eachWeight(
  { start, rows, depth, gates, columns }: Place,
  visit: (keras: number, packed: number) => void,
): void {
  for (let row = 0; row < rows; row += 1) {
    for (let gate = 0; gate < gates; gate += 1) {
      for (let column = 0; column < columns; column += 1) {
        const at = gate * padded(columns) + column;
        const packed = start + (at >> 2) * depth * 4 + row * 4 + (at & 3);
        visit((row * gates + gate) * columns + column, packed);
      }
    }
  }
}
