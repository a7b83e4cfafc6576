/**
 * Losses over a panel's answers y and truth [column][8], d = y - truth; each row's mean over columns is taken outside.
 *   0 squared error d^2, slope 2 d     1 absolute error |d|, slope sign d     2 Huber's (1964): d^2 / 2 where |d| <= 1, else |d| - 1 / 2
 */
import { laneSums, madd, splat } from './vector';

/** Puts scale x slope in place of y, and returns the sum of losses. Rows from `rows` on are padding: no loss, no slope. */
export function loss(kind: usize, y: usize, truth: usize, columns: usize, rows: i32, scale: f32): f32 {
  const near = present(i32x4.splat(rows), i32x4(0, 1, 2, 3));
  const far = present(i32x4.splat(rows), i32x4(4, 5, 6, 7));
  let sum = splat(0);
  for (const end = y + columns * 32; y < end; y += 32) {
    sum = lossOf(kind, y, truth, near, scale, sum);
    sum = lossOf(kind, y + 16, truth + 16, far, scale, sum);
    truth += 32;
  }
  return f32x4.extract_lane(laneSums(sum, sum, sum, sum), 0);
}

@inline
function present(rows: v128, lane: v128): v128 {
  return i32x4.lt_s(lane, rows);
}

@inline
function lossOf(kind: usize, y: usize, truth: usize, mask: v128, scale: f32, sum: v128): v128 {
  const d = v128.and(f32x4.sub(v128.load(y), v128.load(truth)), mask);
  const size = f32x4.abs(d);
  const one = splat(1);
  if (kind == 0) {
    v128.store(y, f32x4.mul(d, splat(2 * scale)));
    return madd(d, d, sum);
  }
  const sign = v128.or(v128.and(d, splat(-0.0)), one);
  if (kind == 1) {
    v128.store(y, v128.and(f32x4.mul(sign, splat(scale)), f32x4.ne(d, splat(0))));
    return f32x4.add(sum, size);
  }
  const inside = f32x4.le(size, one);
  v128.store(y, f32x4.mul(v128.bitselect(d, sign, inside), splat(scale)));
  const quadratic = f32x4.mul(f32x4.mul(d, d), splat(0.5));
  return f32x4.add(sum, v128.bitselect(quadratic, f32x4.sub(size, splat(0.5)), inside));
}
