/** Four 32-bit floats at a time. Every function here gives the same bits on every engine, except madd with FMA. */

/** a * b + c: rounded once where the build has relaxed SIMD and the processor FMA, twice in the default build. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

/**
 * exp(x) for |x| <= 80: x = n ln 2 + r with |r| <= ln 2 / 2, the exponential series of r to the 6th order (relative
 * error 1.3e-7), times 2^n through the exponent's bits. Adding 1.5 * 2^23 rounds to the integer n and leaves it in the low bits.
 */
@inline
function exponential(x: v128): v128 {
  const rounder = splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, splat(1.44269504)), rounder);
  const n = f32x4.sub(shifted, rounder);
  // ln 2 in two parts: the first has so few digits that its product with n is exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(0.693359375))), f32x4.mul(n, splat(-2.12194440e-4)));
  // By Estrin's scheme: what a sum waits for is what this function's time goes into.
  const square = f32x4.mul(r, r);
  const low = madd(square, madd(r, splat(0.16666667), splat(0.5)), f32x4.add(r, splat(1)));
  const high = madd(square, splat(0.0013888889), madd(r, splat(0.0083333333), splat(0.041666667)));
  const sum = madd(f32x4.mul(square, square), high, low);
  return i32x4.add(sum, i32x4.shl(shifted, 23));
}

/** 1 / (1 + exp(-x)), off by at most 2e-7; NaN stays NaN. */
@inline
export function sigmoid(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(40)), splat(-40));
  return f32x4.div(splat(1), f32x4.add(splat(1), exponential(f32x4.neg(bounded))));
}

/** tanh(x) = 2 sigmoid(2 x) - 1, off by at most 3e-7; NaN stays NaN. */
@inline
export function tanh(x: v128): v128 {
  const twice = sigmoid(f32x4.add(x, x));
  return f32x4.sub(f32x4.add(twice, twice), splat(1));
}

/** The sums of each vector's lanes: (a's, b's, c's, d's). */
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    v128.shuffle<f32>(a, b, 2, 6, 3, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    v128.shuffle<f32>(c, d, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 1, 4, 5),
    v128.shuffle<f32>(ab, cd, 2, 3, 6, 7),
  );
}
