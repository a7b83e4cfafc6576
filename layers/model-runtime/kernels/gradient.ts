/**
 * Gradients of weights: dw[k][column] = sum over rows of a[row][k] * g[row][column], one sum over all steps and rows of a
 * batch in a fixed order, whichever thread makes it. Columns are shared out among threads, so no two partial sums are ever
 * added up. `a` is [k / 8][row][8] and `g` [column / 4][row][4], as transpose.ts copies them.
 */
import { storeTransposed } from './transpose';
import { laneSums, madd, splat } from './vector';

/**
 * dw [column / 4][k][4] for column blocks from <= block < to. `aBlock` and `gBlock` are the bytes from one block of `a` and
 * `g` to the next; `skipped` rows of each block of `g` are left out.
 */
export function weightGradient(
  dw: usize,
  depth: usize,
  rows: usize,
  a: usize,
  aBlock: usize,
  g: usize,
  gBlock: usize,
  skipped: usize,
  from: usize,
  to: usize,
): void {
  for (let block = from; block < to; block++) {
    // Between a block of g and the next lie as many bytes as a tile has.
    const gap = g + (block + 1) * gBlock - 128;
    for (let k: usize = 0; k < depth; k += 8) {
      const out = dw + (block * depth + k) * 16;
      gradientTile(gap, rows, a + (k / 8) * aBlock, g + block * gBlock + skipped * 16);
      storeTransposed(out, 16, v128.load(gap, 0), v128.load(gap, 32), v128.load(gap, 64), v128.load(gap, 96));
      if (k + 4 == depth) break;
      storeTransposed(out + 64, 16, v128.load(gap, 16), v128.load(gap, 48), v128.load(gap, 80), v128.load(gap, 112));
    }
  }
}

/** Four columns and eight rows of dw, [4][8]: eight sums and six loads, as product.ts has them. */
function gradientTile(out: usize, rows: usize, a: usize, g: usize): void {
  let c00 = splat(0), c01 = splat(0), c10 = splat(0), c11 = splat(0);
  let c20 = splat(0), c21 = splat(0), c30 = splat(0), c31 = splat(0);
  for (const end = a + rows * 32; a < end; a += 32) {
    const a0 = v128.load(a, 0);
    const a1 = v128.load(a, 16);
    const g0 = v128.load_splat<f32>(g, 0);
    c00 = madd(a0, g0, c00);
    c01 = madd(a1, g0, c01);
    const g1 = v128.load_splat<f32>(g, 4);
    c10 = madd(a0, g1, c10);
    c11 = madd(a1, g1, c11);
    const g2 = v128.load_splat<f32>(g, 8);
    c20 = madd(a0, g2, c20);
    c21 = madd(a1, g2, c21);
    const g3 = v128.load_splat<f32>(g, 12);
    c30 = madd(a0, g3, c30);
    c31 = madd(a1, g3, c31);
    g += 16;
  }
  v128.store(out, c00, 0);
  v128.store(out, c01, 16);
  v128.store(out, c10, 32);
  v128.store(out, c11, 48);
  v128.store(out, c20, 64);
  v128.store(out, c21, 80);
  v128.store(out, c30, 96);
  v128.store(out, c31, 112);
}

/** db[column] = sum over rows, of which there are an even number, of g[row][column]. */
export function biasGradient(db: usize, rows: usize, g: usize, gBlock: usize, from: usize, to: usize): void {
  for (let block = from; block < to; block++) {
    let even = splat(0), odd = splat(0);
    let row = g + block * gBlock;
    for (const end = row + rows * 16; row < end; row += 32) {
      even = f32x4.add(even, v128.load(row, 0));
      odd = f32x4.add(odd, v128.load(row, 16));
    }
    v128.store(db + block * 16, f32x4.add(even, odd));
  }
}

/** The sum of squares of `bytes` of floats, a multiple of 16. */
export function squares(values: usize, bytes: usize): f32 {
  let sum = splat(0);
  for (const end = values + bytes; values < end; values += 16) {
    const value = v128.load(values);
    sum = f32x4.add(sum, f32x4.mul(value, value));
  }
  return f32x4.extract_lane(laneSums(sum, sum, sum, sum), 0);
}
