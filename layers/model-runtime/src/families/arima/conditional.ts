import { leastSquares } from '../../statistics/least-squares.ts';
import type { Polynomials } from './polynomials.ts';

/** A differenced series, and what is known beside it: differenced alike, a column of ones for the constant first. */
export interface Differenced {
  readonly values: Float64Array;
  readonly columns: readonly Float64Array[];
}

export interface Likelihood {
  /** -2 log likelihood, its constant included. */
  readonly value: number;
  /** Of the columns. */
  readonly coefficients: Float64Array;
  /** Innovation variance. */
  readonly variance: number;
}

/** Of polynomials whose lags are those of one order. */
export type Evaluate = (polynomials: Polynomials) => Likelihood;

/**
 * Conditional least squares (Box and Jenkins 1976, section 7.1.2): errors and centred values before the first row are taken
 * as 0. Given the polynomials the errors are linear in the columns' coefficients, which least squares gives.
 */
export function conditional({ values, columns }: Differenced): Evaluate {
  const rows = values.length;
  const errors = new Float64Array(rows);
  const filtered = columns.map(() => new Float64Array(rows));
  const [ar, ma] = [new SparsePolynomial(), new SparsePolynomial()];
  return (polynomials) => {
    ar.set(polynomials.ar);
    ma.set(polynomials.ma);
    filter(values, errors, ar, ma);
    for (const [at, column] of columns.entries()) filter(column, filtered[at] ?? errors, ar, ma);
    const { coefficients, squares } = leastSquares(filtered, errors);
    const variance = squares / rows;
    return { value: rows * (Math.log(variance) + 1 + Math.log(2 * Math.PI)), coefficients, variance };
  };
}

/** Products of seasonal polynomials are mostly zeros: the lags of the others, ascending. */
class SparsePolynomial {
  size = 0;
  lags = new Int32Array(0);
  coefficients = new Float64Array(0);

  set(polynomial: readonly number[]): void {
    if (this.lags.length < polynomial.length) {
      this.lags = new Int32Array(polynomial.length);
      this.coefficients = new Float64Array(polynomial.length);
    }
    this.size = 0;
    for (let lag = 1; lag <= polynomial.length; lag += 1) {
      const coefficient = polynomial[lag - 1] ?? 0;
      if (coefficient === 0) continue;
      this.lags[this.size] = lag;
      this.coefficients[this.size] = coefficient;
      this.size += 1;
    }
  }
}

function filter(
  values: Float64Array,
  errors: Float64Array,
  ar: SparsePolynomial,
  ma: SparsePolynomial,
): void {
  const { lags: arLags, coefficients: ofValues, size: arSize } = ar;
  const { lags: maLags, coefficients: ofErrors, size: maSize } = ma;
  for (let row = 0; row < values.length; row += 1) {
    let error = values[row] ?? 0;
    for (let i = 0; i < arSize; i += 1) {
      const lag = arLags[i] ?? 0;
      if (lag > row) break;
      error -= (ofValues[i] ?? 0) * (values[row - lag] ?? 0);
    }
    for (let j = 0; j < maSize; j += 1) {
      const lag = maLags[j] ?? 0;
      if (lag > row) break;
      error -= (ofErrors[j] ?? 0) * (errors[row - lag] ?? 0);
    }
    errors[row] = error;
  }
}
