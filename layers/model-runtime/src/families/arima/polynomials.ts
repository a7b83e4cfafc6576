/** Orders of a seasonal ARIMA model (Box and Jenkins 1976, chapter 9). */
export interface Order {
  readonly p: number;
  readonly d: number;
  readonly q: number;
  /** Seasonal orders P, D, Q. */
  readonly seasonal: readonly [number, number, number];
  /** Rows; 1: none. */
  readonly season: number;
  /** Mean of the differenced values: a drift where they are differenced. */
  readonly constant: boolean;
}

/** A polynomial 1 - ar1 B - ar2 B² … or 1 + ma1 B + …, without its 1: coefficient of lag 1 first. */
export interface Polynomials {
  readonly ar: readonly number[];
  readonly ma: readonly number[];
}

/**
 * Coefficients whose polynomial has its roots outside the unit circle, from any numbers: their hyperbolic tangents are partial
 * autocorrelations (Barndorff-Nielsen and Schou 1973; Monahan 1984).
 */
export function fromPartials(numbers: Float64Array, from: number, count: number): number[] {
  const coefficients: number[] = [];
  for (let order = 0; order < count; order += 1) {
    const partial = Math.tanh(numbers[from + order] ?? 0);
    for (let low = 0, high = order - 1; low <= high; low += 1, high -= 1) {
      const [left, right] = [coefficients[low] ?? 0, coefficients[high] ?? 0];
      coefficients[low] = left - partial * right;
      coefficients[high] = right - partial * left;
    }
    coefficients.push(partial);
  }
  return coefficients;
}

/** One number a free coefficient: p, q, P and Q of them. */
export function polynomialsOf(
  { p, q, seasonal: [P, , Q], season }: Order,
  numbers: Float64Array,
): Polynomials {
  const ar = multiply(fromPartials(numbers, 0, p), fromPartials(numbers, p + q, P), season);
  const ma = multiply(fromPartials(numbers, p, q), fromPartials(numbers, p + q + P, Q), season);
  // A moving average is written with the other sign.
  for (let at = 0; at < ma.length; at += 1) ma[at] = -(ma[at] ?? 0);
  return { ar, ma };
}

/** (1 - a1 B - …) (1 - b1 B^season - …) = 1 - result. */
export function multiply(a: readonly number[], b: readonly number[], season: number): number[] {
  const product: number[] = [];
  for (let lag = 0; lag < a.length + b.length * season; lag += 1) product.push(a[lag] ?? 0);
  for (let j = 0; j < b.length; j += 1) {
    const lag = (j + 1) * season;
    product[lag - 1] = (product[lag - 1] ?? 0) + (b[j] ?? 0);
    for (let i = 0; i < a.length; i += 1)
      product[lag + i] = (product[lag + i] ?? 0) - (a[i] ?? 0) * (b[j] ?? 0);
  }
  return product;
}

/** (1 - B)^d (1 - B^season)^D as 1 - result. */
export function differencing({ d, seasonal: [, D], season }: Order): number[] {
  let polynomial: number[] = [];
  for (let time = 0; time < d; time += 1) polynomial = multiply(polynomial, [1], 1);
  for (let time = 0; time < D; time += 1) polynomial = multiply(polynomial, [1], season);
  return polynomial;
}

/** Applies a polynomial 1 - p1 B - …; as many rows fewer as it has lags. */
export function applyPolynomial(polynomial: readonly number[], values: Float64Array): Float64Array {
  const lags = polynomial.length;
  return Float64Array.from({ length: Math.max(0, values.length - lags) }, (_, at) => {
    let value = values[at + lags] ?? 0;
    for (let lag = 1; lag <= lags; lag += 1)
      value -= (polynomial[lag - 1] ?? 0) * (values[at + lags - lag] ?? 0);
    return value;
  });
}

/** First coefficients of (1 + ma1 B + …) / (1 - ar1 B - …), that of lag 0 being 1. */
export function impulseWeights({ ar, ma }: Polynomials, count: number): Float64Array {
  const weights = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    let weight = at === 0 ? 1 : (ma[at - 1] ?? 0);
    for (let lag = 1; lag <= Math.min(at, ar.length); lag += 1)
      weight += (ar[lag - 1] ?? 0) * (weights[at - lag] ?? 0);
    weights[at] = weight;
  }
  return weights;
}
