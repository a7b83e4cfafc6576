/**
 * Dropout (Srivastava et al. 2014), one mask for all steps of a window (Gal and Ghahramani 2016): a unit of a row is 0
 * with the chance asked, else 1 / (1 - chance). Which it is follows from the key and the value's own number alone, so
 * threads need not agree on an order.
 */
import { splat } from './vector';

/** mask[i] for `count` values, a multiple of 4, the first of which has the number `first`. `threshold` is chance x 2^32. */
export function dropoutMask(mask: usize, count: usize, first: u32, key: u32, threshold: u32, scale: f32): void {
  const kept = splat(scale);
  let number = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = mask + count * 4; mask < end; mask += 16) {
    const drawn = mixed(v128.xor(i32x4.mul(number, i32x4.splat(0x9e3779b1)), i32x4.splat(key)));
    v128.store(mask, v128.and(kept, unsignedAtLeast(drawn, threshold)));
    number = i32x4.add(number, i32x4.splat(4));
  }
}

/** Every bit of the input sways every bit of the output: shifts, xor and odd multipliers in turn, as in MurmurHash3's end. */
@inline
function mixed(bits: v128): v128 {
  bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 16)), i32x4.splat(0x85ebca6b));
  bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(bits, i32x4.shr_u(bits, 16));
}

@inline
function unsignedAtLeast(bits: v128, threshold: u32): v128 {
  const flip = i32x4.splat(0x80000000);
  return i32x4.ge_s(v128.xor(bits, flip), v128.xor(i32x4.splat(threshold), flip));
}
