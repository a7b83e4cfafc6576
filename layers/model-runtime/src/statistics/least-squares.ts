/** Of a column's length, what has to be left beside the columns before it. */
const INDEPENDENT = 1e-6;

/**
 * Indices of the columns that are no linear combination of those before them, by Gram and Schmidt's orthogonalisation, twice
 * over (Björck 1996, section 2.4).
 */
export function independentColumns(columns: readonly Float64Array[]): number[] {
  const basis: Float64Array[] = [];
  return columns.flatMap((column, index) => {
    const length = norm(column);
    const rest = Float64Array.from(column);
    for (let round = 0; round < 2; round += 1)
      for (const direction of basis) subtract(rest, direction, dot(direction, rest));
    const left = norm(rest);
    if (!(left > INDEPENDENT * length)) return [];
    basis.push(rest.map((value) => value / left));
    return [index];
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < a.length; row += 1) sum += (a[row] ?? 0) * (b[row] ?? 0);
  return sum;
}

function norm(column: Float64Array): number {
  return Math.sqrt(dot(column, column));
}

function subtract(from: Float64Array, column: Float64Array, factor: number): void {
  for (let row = 0; row < from.length; row += 1) from[row] = (from[row] ?? 0) - factor * (column[row] ?? 0);
}

export interface LeastSquares {
  readonly coefficients: Float64Array;
  /** Sum of the squared residuals. */
  readonly squares: number;
}

/**
 * Coefficients of the columns that leave least of the values, which are overwritten by what is left: normal equations, for
 * columns that are independent.
 */
export function leastSquares(columns: readonly Float64Array[], values: Float64Array): LeastSquares {
  const size = columns.length;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const [i, column] of columns.entries()) {
    right[i] = dot(column, values);
    for (let j = 0; j <= i; j += 1) {
      const product = dot(column, columns[j] ?? column);
      normal[i * size + j] = product;
      normal[j * size + i] = product;
    }
  }
  const coefficients = solveSymmetric(normal, right);
  for (const [i, column] of columns.entries()) subtract(values, column, coefficients[i] ?? 0);
  return { coefficients, squares: dot(values, values) };
}

/** A x = b for a positive definite A (rows after one another, overwritten); NaN where it is none. */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  factorSymmetric(matrix, right.length);
  return solveFactored(matrix, right);
}

/** Overwrites a positive definite matrix by its Cholesky factor, in the lower half. */
export function factorSymmetric(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (matrix[i * size + k] ?? 0) * (matrix[j * size + k] ?? 0);
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / (matrix[j * size + j] ?? 0);
    }
  }
}

export function solveFactored(factor: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const x = Float64Array.from(right);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] = (x[i] ?? 0) - (factor[i * size + k] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (factor[i * size + i] ?? 0);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i] = (x[i] ?? 0) - (factor[k * size + i] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (factor[i * size + i] ?? 0);
  }
  return x;
}

/** A x = b by elimination with row pivots (A: rows after one another, overwritten); NaN where A is singular. */
export function solveGeneral(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const x = Float64Array.from(right);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1)
      if (Math.abs(matrix[row * size + column] ?? 0) > Math.abs(matrix[pivot * size + column] ?? 0))
        pivot = row;
    for (let k = column; k < size; k += 1) swap(matrix, pivot * size + k, column * size + k);
    swap(x, pivot, column);
    for (let row = column + 1; row < size; row += 1) {
      const factor = (matrix[row * size + column] ?? 0) / (matrix[column * size + column] ?? 0);
      if (factor === 0) continue;
      for (let k = column; k < size; k += 1)
        matrix[row * size + k] = (matrix[row * size + k] ?? 0) - factor * (matrix[column * size + k] ?? 0);
      x[row] = (x[row] ?? 0) - factor * (x[column] ?? 0);
    }
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < size; k += 1)
      x[row] = (x[row] ?? 0) - (matrix[row * size + k] ?? 0) * (x[k] ?? 0);
    x[row] = (x[row] ?? 0) / (matrix[row * size + row] ?? 0);
  }
  return x;
}

function swap(values: Float64Array, a: number, b: number): void {
  const kept = values[a] ?? 0;
  values[a] = values[b] ?? 0;
  values[b] = kept;
}
