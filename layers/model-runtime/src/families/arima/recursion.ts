import { movingAverageCovariances, type FactorTail } from './exact.ts';

/** What a row is expected from: everything in one recursion, differences within the autoregression. */
export interface ArimaRecursion {
  /** (1 - B)^d (1 - B^season)^D times the autoregression, lag 1 first. */
  readonly ar: readonly number[];
  readonly ma: readonly number[];
  readonly constant: number;
}

export interface ArimaState {
  /** The last values less what regressors explain, as many as the autoregression has lags, newest last. */
  readonly tail: readonly number[];
  /** The last one-step errors, as many as the moving average has lags, newest last. */
  readonly innovations: readonly number[];
  /** Of the covariance's factor; null once it is at its limit, the moving average itself. */
  readonly factor: FactorTail | null;
}

/** Closer to its limit than this the factor is taken to be there. */
const SETTLED = 1e-13;

/**
 * Goes over the rows by the innovations algorithm (Brockwell and Davis 1991, section 5.3), writing what each is expected to be; a
 * value that is NaN is taken to be as expected.
 */
export function filter(
  recursion: ArimaRecursion,
  from: ArimaState,
  values: Float64Array,
  fitted: Float64Array,
): ArimaState {
  const [lags, width] = [recursion.ar.length, recursion.ma.length];
  const past = new Float64Array(lags + values.length);
  past.set(from.tail);
  const errors = new Float64Array(width + values.length);
  errors.set(from.innovations);
  const factor = new RunningFactor(recursion.ma, from.factor);
  for (let row = 0; row < values.length; row += 1) {
    const weights = factor.next();
    let expected = recursion.constant;
    for (let lag = 1; lag <= lags; lag += 1)
      expected += (recursion.ar[lag - 1] ?? 0) * (past[lags + row - lag] ?? 0);
    for (let lag = 1; lag <= width; lag += 1)
      expected += (weights[lag - 1] ?? 0) * (errors[width + row - lag] ?? 0);
    fitted[row] = expected;
    const given = values[row] ?? 0;
    past[lags + row] = given === given ? given : expected;
    errors[width + row] = given === given ? given - expected : 0;
  }
  const rows = values.length;
  return { tail: [...past.subarray(rows)], innovations: [...errors.subarray(rows)], factor: factor.tail() };
}

/** Rows of the factor, one after the other: weights of the last errors, which tend to the moving average. */
class RunningFactor {
  readonly #ma: readonly number[];
  readonly #covariances: Float64Array;
  #rows: Float64Array[];
  #variances: number[];
  #settled: boolean;

  constructor(ma: readonly number[], tail: FactorTail | null) {
    this.#ma = ma;
    this.#settled = tail === null || ma.length === 0;
    this.#covariances = movingAverageCovariances(ma);
    this.#rows = (tail?.rows ?? []).map((row) => Float64Array.from(row));
    this.#variances = [...(tail?.variances ?? [])];
  }

  next(): ArrayLike<number> {
    if (this.#settled) return this.#ma;
    const width = this.#ma.length;
    const products = new Float64Array(width);
    const row = new Float64Array(width);
    let variance = this.#covariances[0] ?? 0;
    for (let lag = width; lag >= 1; lag -= 1) {
      const other = this.#rows[width - lag];
      let product = this.#covariances[lag] ?? 0;
      for (let further = lag + 1; further <= width; further += 1)
        product -= (products[further - 1] ?? 0) * (other?.[further - lag - 1] ?? 0);
      products[lag - 1] = product;
      row[lag - 1] = product / (this.#variances[width - lag] ?? 1);
      variance -= product * (row[lag - 1] ?? 0);
    }
    this.#rows = [...this.#rows.slice(1), row];
    this.#variances = [...this.#variances.slice(1), variance];
    const settled = row.every((weight, at) => Math.abs(weight - (this.#ma[at] ?? 0)) < SETTLED);
    this.#settled = settled && Math.abs(variance - 1) < SETTLED;
    return row;
  }

  tail(): FactorTail | null {
    if (this.#settled) return null;
    return { rows: this.#rows.map((row) => [...row]), variances: this.#variances };
  }
}
