import { createRandom } from '../random.ts';
import { GATES, type RecurrentShape } from './shape.ts';
import { weightShapes } from './weights.ts';

/**
 * Keras' initial weights, in its order, from the seed alone: Glorot uniform kernels (Glorot and Bengio 2010), an orthogonal
 * matrix for each gate's recurrent kernel (Saxe et al. 2014), biases of zero, and of one for LSTM's forget gate
 * (Jozefowicz et al. 2015).
 */
export function initialWeights(shape: RecurrentShape, seed: number): Float32Array[] {
  const random = createRandom(seed);
  return weightShapes(shape).map(({ name, shape: [rows = 0, columns = 0] }) => {
    if (name.endsWith('recurrent_kernel')) return orthogonalGates(rows, GATES[shape.cell], random);
    if (name.endsWith('kernel')) return glorotUniform(rows, columns, random);
    return bias(rows, shape, name);
  });
}

function glorotUniform(rows: number, columns: number, random: () => number): Float32Array {
  const limit = Math.sqrt(6 / (rows + columns));
  return Float32Array.from({ length: rows * columns }, () => (2 * random() - 1) * limit);
}

function bias(length: number, { cell, units }: RecurrentShape, name: string): Float32Array {
  const values = new Float32Array(length);
  if (cell === 'LSTM' && name.startsWith('lstm')) values.fill(1, units, 2 * units);
  return values;
}

/** [units, gates x units], each gate's part orthogonal. */
function orthogonalGates(units: number, gates: number, random: () => number): Float32Array {
  const values = new Float32Array(units * gates * units);
  for (let gate = 0; gate < gates; gate += 1) {
    for (const [row, vector] of orthogonal(units, random).entries())
      values.set(vector, (row * gates + gate) * units);
  }
  return values;
}

/** Rows of an orthogonal matrix: random directions, made perpendicular one after the other (modified Gram-Schmidt). */
function orthogonal(size: number, random: () => number): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => bell(random));
    const before = lengthOf(row);
    for (const other of rows) {
      const along = dot(row, other);
      for (let index = 0; index < size; index += 1)
        row[index] = (row[index] ?? 0) - along * (other[index] ?? 0);
    }
    const length = lengthOf(row);
    // One that lay almost within the others' span would be mostly rounding: draw again.
    if (length < 1e-6 * before) continue;
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

/** Nearly normal: the sum of twelve uniform numbers. The engine's logarithm and cosine differ between versions. */
function bell(random: () => number): number {
  let sum = -6;
  for (let each = 0; each < 12; each += 1) sum += random();
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}
