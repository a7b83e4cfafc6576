/**
 * Sigmoid, tanh and the exponential of many values, 32 bytes a round, then what is left. A value gets the same bits wherever it lies; NaN
 * stays NaN.
 *
 * Constants come from memory: V8 of Node 24 makes a constant vector anew wherever it is used, in up to seven instructions;
 * what was loaded once it keeps.
 */
import { madd } from './vector';

/** Limits of x; 1 / ln 2; ln 2 in two parts, the first of so few digits that its product with n is exact; 1.5 x 2^23. */
const OF_EXPONENT = memory.data<f32>([40, -40, 1.44269504, 0.693359375, -2.12194440e-4, 12582912]);
/** 1 / 6!, 1 / 5!, 1 / 4!, 1 / 3!, 1 / 2!, 1. */
const OF_SERIES = memory.data<f32>([0.0013888889, 0.0083333333, 0.041666667, 0.16666667, 0.5, 1]);

/** 1 / (1 + exp(-x)), off by at most 2e-7, of `bytes` of floats, a multiple of 16; `target` may be `source`. */
export function sigmoids(target: usize, source: usize, bytes: usize): void {
  squash<Sigmoid>(target, source, bytes);
}

/** tanh(x) = 2 sigmoid(2 x) - 1, off by at most 3e-7; otherwise as sigmoids. */
export function tanhs(target: usize, source: usize, bytes: usize): void {
  squash<Tanh>(target, source, bytes);
}

/** exp(-x), where |x| > 40 counts as 40; otherwise as sigmoids. */
export function exponentials(target: usize, source: usize, bytes: usize): void {
  squash<Exponential>(target, source, bytes);
}

/** What is made of exp(-x) is a type, so that it is chosen when this is compiled: V8 pairs vectors in straight code alone. */
class Sigmoid {}
class Tanh {}
class Exponential {}

/**
 * exp(-x) = 2^n exp(r) with -x = n ln 2 + r and |r| <= ln 2 / 2: the exponential series of r to the 6th order (relative error
 * 1.3e-7), times 2^n through the exponent's bits. Adding 1.5 x 2^23 rounds to the integer n and leaves it in the low bits.
 */
@inline
function squash<Kind>(target: usize, source: usize, bytes: usize): void {
  const most = v128.load_splat<f32>(OF_EXPONENT, 0), least = v128.load_splat<f32>(OF_EXPONENT, 4);
  const perLn2 = v128.load_splat<f32>(OF_EXPONENT, 8), rounder = v128.load_splat<f32>(OF_EXPONENT, 20);
  const high = v128.load_splat<f32>(OF_EXPONENT, 12), low = v128.load_splat<f32>(OF_EXPONENT, 16);
  const c6 = v128.load_splat<f32>(OF_SERIES, 0), c5 = v128.load_splat<f32>(OF_SERIES, 4);
  const c4 = v128.load_splat<f32>(OF_SERIES, 8), c3 = v128.load_splat<f32>(OF_SERIES, 12);
  const c2 = v128.load_splat<f32>(OF_SERIES, 16), one = v128.load_splat<f32>(OF_SERIES, 20);
  const end = target + bytes;
  for (; target + 32 <= end; target += 32) {
    const x0 = v128.load(source, 0), x1 = v128.load(source, 16);
    const y0 = squashed<Kind>(x0, most, least, perLn2, rounder, high, low, c6, c5, c4, c3, c2, one);
    const y1 = squashed<Kind>(x1, most, least, perLn2, rounder, high, low, c6, c5, c4, c3, c2, one);
    v128.store(target, y0, 0);
    v128.store(target, y1, 16);
    source += 32;
  }
  if (target < end)
    v128.store(target, squashed<Kind>(v128.load(source), most, least, perLn2, rounder, high, low, c6, c5, c4, c3, c2, one));
}

@inline
function squashed<Kind>(
  x: v128,
  most: v128,
  least: v128,
  perLn2: v128,
  rounder: v128,
  high: v128,
  low: v128,
  c6: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  one: v128,
): v128 {
  const power = f32x4.neg(f32x4.pmax(f32x4.pmin(idof<Kind>() == idof<Tanh>() ? f32x4.add(x, x) : x, most), least));
  const shifted = f32x4.add(f32x4.mul(power, perLn2), rounder);
  const n = f32x4.sub(shifted, rounder);
  const r = f32x4.sub(f32x4.sub(power, f32x4.mul(n, high)), f32x4.mul(n, low));
  // By Estrin's scheme: what a sum waits for is what this function's time goes into.
  const square = f32x4.mul(r, r);
  const first = madd(square, madd(r, c3, c2), f32x4.add(r, one));
  const last = madd(square, c6, madd(r, c5, c4));
  const sum = madd(f32x4.mul(square, square), last, first);
  const exponential = i32x4.add(sum, i32x4.shl(shifted, 23));
  if (idof<Kind>() == idof<Exponential>()) return exponential;
  const y = f32x4.div(one, f32x4.add(one, exponential));
  return idof<Kind>() == idof<Tanh>() ? f32x4.sub(f32x4.add(y, y), one) : y;
}
