/**
 * Gradients of weights: dw[k][column] = sum over panels and rows of a[panel][k][row] * g[panel][column][row], one sum over
 * all steps and rows of a batch in a fixed order, whichever thread makes it. Columns are shared out among threads, so no
 * two partial sums are ever added up.
 */
import { laneSums, madd, splat } from './vector';

/** dw [column / 4][k][4] for column blocks from <= block < to; `a` and `g` have panels of 8 rows, strides in bytes. */
export function weightGradient(
  dw: usize,
  depth: usize,
  panels: usize,
  a: usize,
  aStride: usize,
  g: usize,
  gStride: usize,
  from: usize,
  to: usize,
): void {
  for (let block = from; block < to; block++) {
    for (let k: usize = 0; k < depth; k += 2) {
      gradientTile(dw + (block * depth + k) * 16, panels, a + k * 32, aStride, g + block * 128, gStride);
    }
  }
}

/** Two rows and four columns of dw. Each vector sums four rows of the batch; the lanes are added at the end. */
function gradientTile(out: usize, panels: usize, a: usize, aStride: usize, g: usize, gStride: usize): void {
  let c00 = splat(0), c01 = splat(0), c02 = splat(0), c03 = splat(0);
  let c10 = splat(0), c11 = splat(0), c12 = splat(0), c13 = splat(0);
  for (let panel: usize = 0; panel < panels; panel++) {
    for (let half: usize = 0; half < 32; half += 16) {
      const a0 = v128.load(a + half, 0);
      const a1 = v128.load(a + half, 32);
      const g0 = v128.load(g + half, 0);
      c00 = madd(a0, g0, c00);
      c10 = madd(a1, g0, c10);
      const g1 = v128.load(g + half, 32);
      c01 = madd(a0, g1, c01);
      c11 = madd(a1, g1, c11);
      const g2 = v128.load(g + half, 64);
      c02 = madd(a0, g2, c02);
      c12 = madd(a1, g2, c12);
      const g3 = v128.load(g + half, 96);
      c03 = madd(a0, g3, c03);
      c13 = madd(a1, g3, c13);
    }
    a += aStride;
    g += gStride;
  }
  v128.store(out, laneSums(c00, c01, c02, c03), 0);
  v128.store(out, laneSums(c10, c11, c12, c13), 16);
}

/** db[column] = sum over panels and rows of g[panel][column][row]. */
export function biasGradient(db: usize, panels: usize, g: usize, gStride: usize, from: usize, to: usize): void {
  for (let block = from; block < to; block++) {
    let c0 = splat(0), c1 = splat(0), c2 = splat(0), c3 = splat(0);
    let at = g + block * 128;
    for (let panel: usize = 0; panel < panels; panel++) {
      c0 = f32x4.add(c0, f32x4.add(v128.load(at, 0), v128.load(at, 16)));
      c1 = f32x4.add(c1, f32x4.add(v128.load(at, 32), v128.load(at, 48)));
      c2 = f32x4.add(c2, f32x4.add(v128.load(at, 64), v128.load(at, 80)));
      c3 = f32x4.add(c3, f32x4.add(v128.load(at, 96), v128.load(at, 112)));
      at += gStride;
    }
    v128.store(db + block * 16, laneSums(c0, c1, c2, c3));
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
