import { leastSquares, solveGeneral } from '../../statistics/least-squares.ts';
import type { Differenced, Evaluate } from './conditional.ts';
import { impulseWeights, type Polynomials } from './polynomials.ts';

/** What the innovations of later rows need of the factor: its last rows, one a lag of the moving average, newest last. */
export interface FactorTail {
  /** Each row's entries for the lags 1, 2, …; the moving average's coefficients in the limit. */
  readonly rows: readonly (readonly number[])[];
  /** Variances in units of the innovations'; 1 in the limit. */
  readonly variances: readonly number[];
}

/** Autocovariances at lags 0 … count - 1 in units of the innovation variance (McLeod 1975, equation 3). */
export function autocovariances(polynomials: Polynomials, count: number): Float64Array {
  const { ar, ma } = polynomials;
  const size = ar.length + 1;
  const psi = impulseWeights(polynomials, ma.length + 1);
  const crossed = (lag: number): number => {
    let sum = 0;
    for (let k = lag; k <= ma.length; k += 1) sum += (k === 0 ? 1 : (ma[k - 1] ?? 0)) * (psi[k - lag] ?? 0);
    return sum;
  };
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    matrix[row * size + row] = (matrix[row * size + row] ?? 0) + 1;
    for (let lag = 1; lag < size; lag += 1) {
      const at = row * size + Math.abs(row - lag);
      matrix[at] = (matrix[at] ?? 0) - (ar[lag - 1] ?? 0);
    }
  }
  const first = solveGeneral(
    matrix,
    Float64Array.from({ length: size }, (_, lag) => crossed(lag)),
  );
  const covariances = new Float64Array(Math.max(count, size));
  covariances.set(first);
  for (let lag = size; lag < count; lag += 1) {
    let sum = lag <= ma.length ? crossed(lag) : 0;
    for (let i = 1; i < size; i += 1) sum += (ar[i - 1] ?? 0) * (covariances[lag - i] ?? 0);
    covariances[lag] = sum;
  }
  return covariances.subarray(0, count);
}

/** Autocovariances of the moving average alone, lags 0 to its order. */
export function movingAverageCovariances(ma: readonly number[]): Float64Array {
  return autocovariances({ ar: [], ma }, ma.length + 1);
}

/**
 * The factor L D L' of the covariance of what the autoregression leaves (Ansley 1979): the first rows as they are, later ones
 * filtered, so that beyond them the matrix has a band as wide as the moving average.
 */
export class Factor {
  #polynomials: Polynomials;
  /** Rows before the band begins. */
  readonly #plain: number;
  readonly #width: number;
  /** Row t: entries for columns t - width … t - 1. */
  readonly #rows: Float64Array;
  readonly variances: Float64Array;

  constructor(polynomials: Polynomials, rows: number) {
    const { ar, ma } = polynomials;
    this.#polynomials = polynomials;
    this.#plain = Math.min(rows, Math.max(ar.length, ma.length));
    this.#width = Math.max(1, this.#plain - 1, ma.length);
    this.#rows = new Float64Array(rows * this.#width);
    this.variances = new Float64Array(rows);
    this.set(polynomials);
  }

  /** Factors anew, for polynomials of the same lengths. */
  set(polynomials: Polynomials): void {
    this.#polynomials = polynomials;
    const covariance = this.#covariances();
    const order = polynomials.ma.length;
    const [plain, width, rows, variances] = [this.#plain, this.#width, this.#rows, this.variances];
    for (let row = 0; row < variances.length; row += 1) {
      const from = row < plain ? 0 : Math.max(0, row - order);
      const offset = row * width - row + width;
      for (let column = from; column < row; column += 1) {
        let sum = covariance(row, column);
        const other = column * width - column + width;
        const begin = column < plain ? from : Math.max(from, column - order);
        for (let k = begin; k < column; k += 1) sum -= (rows[offset + k] ?? 0) * (rows[other + k] ?? 0);
        // Until it is divided below, an entry holds L times D.
        rows[offset + column] = sum;
      }
      let variance = covariance(row, row);
      for (let column = from; column < row; column += 1) {
        const product = rows[offset + column] ?? 0;
        const entry = product / (variances[column] ?? 0);
        rows[offset + column] = entry;
        variance -= entry * product;
      }
      variances[row] = variance;
    }
  }

  /** Of row and an earlier column: both plain, one of them, or both filtered. */
  #covariances(): (row: number, column: number) => number {
    const { ma } = this.#polynomials;
    const plain = this.#plain;
    const ofValues = autocovariances(this.#polynomials, plain);
    const ofMa = movingAverageCovariances(ma);
    const psi = impulseWeights(this.#polynomials, ma.length + 1);
    const crossed = new Float64Array(ma.length + 1);
    for (let lag = 1; lag <= ma.length; lag += 1) {
      let sum = 0;
      for (let k = lag; k <= ma.length; k += 1) sum += (ma[k - 1] ?? 0) * (psi[k - lag] ?? 0);
      crossed[lag] = sum;
    }
    return (row, column) => {
      const source = row < plain ? ofValues : column >= plain ? ofMa : crossed;
      return source[row - column] ?? 0;
    };
  }

  /** Innovations of a column, each divided by its deviation: independent, of one variance. */
  whiten(values: Float64Array, into: Float64Array): void {
    this.innovate(values, into);
    for (let row = 0; row < into.length; row += 1)
      into[row] = (into[row] ?? 0) / Math.sqrt(this.variances[row] ?? 0);
  }

  /** What each value differs from its expectation by, given those before it. */
  innovate(values: Float64Array, into: Float64Array): void {
    const { ar, ma } = this.#polynomials;
    for (let row = 0; row < values.length; row += 1) {
      let value = values[row] ?? 0;
      if (row >= this.#plain)
        for (let lag = 1; lag <= ar.length; lag += 1) value -= (ar[lag - 1] ?? 0) * (values[row - lag] ?? 0);
      const offset = row * this.#width - row + this.#width;
      for (let k = row < this.#plain ? 0 : Math.max(0, row - ma.length); k < row; k += 1)
        value -= (this.#rows[offset + k] ?? 0) * (into[k] ?? 0);
      into[row] = value;
    }
  }

  /** Undefined where the band has not begun: there are too few rows. */
  tail(): FactorTail | undefined {
    const lags = this.#polynomials.ma.length;
    const count = this.variances.length;
    if (count < this.#plain + lags) return undefined;
    const rows = Array.from({ length: lags }, (_, at) => {
      const row = count - lags + at;
      return Array.from(
        { length: lags },
        (_unused, lag) => this.#rows[row * this.#width + this.#width - 1 - lag] ?? 0,
      );
    });
    return { rows, variances: [...this.variances.subarray(count - lags)] };
  }
}

/** Exact Gaussian likelihood; coefficients of the columns by generalised least squares. */
export function exact({ values, columns }: Differenced): Evaluate {
  const rows = values.length;
  const whitened = new Float64Array(rows);
  const others = columns.map(() => new Float64Array(rows));
  let factor: Factor | undefined;
  return (polynomials) => {
    if (factor === undefined) factor = new Factor(polynomials, rows);
    else factor.set(polynomials);
    factor.whiten(values, whitened);
    for (const [at, column] of columns.entries()) factor.whiten(column, others[at] ?? whitened);
    const { squares, coefficients } = leastSquares(others, whitened);
    const variance = squares / rows;
    let determinant = 0;
    for (const one of factor.variances) determinant += Math.log(one);
    const value = rows * (Math.log(variance) + 1 + Math.log(2 * Math.PI)) + determinant;
    return { value, coefficients, variance };
  };
}
