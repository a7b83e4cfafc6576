type Draw = (random: () => number) => Float32Array;

/** The same number throughout: Keras' biases are zero. */
export function constant(length: number, value = 0): Draw {
  return () => new Float32Array(length).fill(value);
}

/** Uniform within sqrt(6 / (rows + columns)) (Glorot and Bengio 2010), Keras' own for kernels. */
export function glorotUniform(rows: number, columns: number): Draw {
  return uniform(rows * columns, Math.sqrt(6 / (rows + columns)));
}

/** Uniform in [-limit, limit). */
export function uniform(length: number, limit: number): Draw {
  return (random) => Float32Array.from({ length }, () => (2 * random() - 1) * limit);
}

/** [units, gates x units], each gate's part orthogonal (Saxe et al. 2014), Keras' own for recurrent kernels. */
export function orthogonalGates(units: number, gates: number): Draw {
  return (random) => {
    const values = new Float32Array(units * gates * units);
    for (let gate = 0; gate < gates; gate += 1) {
      for (const [row, vector] of orthogonal(units, random).entries())
        values.set(vector, (row * gates + gate) * units);
    }
    return values;
  };
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
