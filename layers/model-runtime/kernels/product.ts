/**
 * The matrix product of all kernels: out[row][column] = start[column] + sum over k of a[row][k] * w[k][column].
 *
 * Rows come in panels of 8: `a` is [panel][k][8 rows], `out` is [panel][column][8 rows]. Weights lie in blocks of four
 * columns, [column / 4][k][4]. So every stream is read in order; tile.mjs writes the product of a panel and a block. A single
 * row is [k] and [column], and its sums are made in the same order, so that a row has the same bits alone and in a panel.
 */
import { tile, twoTiles, WIDE } from './tile';
import { madd } from './vector';

const VECTOR: usize = 16;
const PANEL: usize = 32;

/** `bias` 0 adds to what `out` holds. Strides are bytes from panel to panel and from column block to column block. */
export function product(
  lanes: usize,
  panels: usize,
  columnBlocks: usize,
  depth: usize,
  out: usize,
  outStride: usize,
  bias: usize,
  a: usize,
  aStride: usize,
  w: usize,
  wStride: usize,
): void {
  if (lanes == 1) return rowProduct(columnBlocks, depth, out, bias, a, w, wStride);
  for (let block: usize = 0; block < columnBlocks; block++) {
    let panel: usize = 0;
    if (WIDE) {
      for (; panel + 2 <= panels; panel += 2) {
        const at = out + panel * outStride;
        const rows = a + panel * aStride;
        twoTiles(depth, at, at + outStride, bias, rows, rows + aStride, w);
      }
    }
    for (; panel < panels; panel++) {
      tile(depth, out + panel * outStride, bias, a + panel * aStride, w);
    }
    out += 4 * PANEL;
    w += wStride;
    if (bias != 0) bias += VECTOR;
  }
}

/** One row: eight column blocks at a time, so that eight sums hide each other's latency, then what is left one by one. */
function rowProduct(
  columnBlocks: usize,
  depth: usize,
  out: usize,
  bias: usize,
  a: usize,
  w: usize,
  wStride: usize,
): void {
  const whole = columnBlocks & ~7;
  let block: usize = 0;
  for (; block < whole; block += 8) {
    const at = block * VECTOR;
    eightBlocks(depth, out + at, bias == 0 ? out + at : bias + at, a, w + block * wStride, wStride);
  }
  for (; block < columnBlocks; block++) {
    const at = block * VECTOR;
    let sum = v128.load(bias == 0 ? out + at : bias + at);
    const column = w + block * wStride;
    for (let k: usize = 0; k < depth; k++) {
      sum = madd(v128.load_splat<f32>(a + 4 * k), v128.load(column + VECTOR * k), sum);
    }
    v128.store(out + at, sum);
  }
}

function eightBlocks(depth: usize, out: usize, start: usize, a: usize, w: usize, stride: usize): void {
  let c0 = v128.load(start, 0);
  let c1 = v128.load(start, 16);
  let c2 = v128.load(start, 32);
  let c3 = v128.load(start, 48);
  let c4 = v128.load(start, 64);
  let c5 = v128.load(start, 80);
  let c6 = v128.load(start, 96);
  let c7 = v128.load(start, 112);
  const far = w + stride * 4;
  const twice = stride * 2;
  const thrice = stride * 3;
  let offset: usize = 0;
  for (const end = a + 4 * depth; a < end; a += 4) {
    const x = v128.load_splat<f32>(a);
    const near0 = w + offset;
    const far0 = far + offset;
    c0 = madd(x, v128.load(near0), c0);
    c1 = madd(x, v128.load(near0 + stride), c1);
    c2 = madd(x, v128.load(near0 + twice), c2);
    c3 = madd(x, v128.load(near0 + thrice), c3);
    c4 = madd(x, v128.load(far0), c4);
    c5 = madd(x, v128.load(far0 + stride), c5);
    c6 = madd(x, v128.load(far0 + twice), c6);
    c7 = madd(x, v128.load(far0 + thrice), c7);
    offset += VECTOR;
  }
  v128.store(out, c0, 0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(out, c4, 64);
  v128.store(out, c5, 80);
  v128.store(out, c6, 96);
  v128.store(out, c7, 112);
}

/**
 * Rows that follow each other in time, each [k] and [column], `aStride` and `outStride` bytes apart: the weights are read
 * once for four of them. Each sum is made in the order of the other products. `bias` is not 0.
 */
export function rowsProduct(
  rows: usize,
  columnBlocks: usize,
  depth: usize,
  out: usize,
  outStride: usize,
  bias: usize,
  a: usize,
  aStride: usize,
  w: usize,
  wStride: usize,
): void {
  const whole = rows & ~3;
  for (let row: usize = 0; row < whole; row += 4) {
    let block: usize = 0;
    for (; block + 2 <= columnBlocks; block += 2) {
      const at = block * VECTOR;
      fourRows(depth, out + at, outStride, bias + at, a, aStride, w + block * wStride, wStride);
    }
    if (block < columnBlocks) {
      const at = block * VECTOR;
      for (let each: usize = 0; each < 4; each++)
        rowProduct(1, depth, out + each * outStride + at, bias + at, a + each * aStride, w + block * wStride, wStride);
    }
    out += 4 * outStride;
    a += 4 * aStride;
  }
  for (let row = whole; row < rows; row++) {
    rowProduct(columnBlocks, depth, out, bias, a, w, wStride);
    out += outStride;
    a += aStride;
  }
}

/** Four rows of two column blocks. */
function fourRows(
  depth: usize,
  out: usize,
  outStride: usize,
  bias: usize,
  a: usize,
  aStride: usize,
  w: usize,
  wStride: usize,
): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  let a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
  let far = w + wStride;
  for (const end = a + 4 * depth; a < end; a += 4) {
    const w0 = v128.load(w), w1 = v128.load(far);
    const x0 = v128.load_splat<f32>(a);
    c00 = madd(x0, w0, c00);
    c01 = madd(x0, w1, c01);
    const x1 = v128.load_splat<f32>(a1);
    c10 = madd(x1, w0, c10);
    c11 = madd(x1, w1, c11);
    const x2 = v128.load_splat<f32>(a2);
    c20 = madd(x2, w0, c20);
    c21 = madd(x2, w1, c21);
    const x3 = v128.load_splat<f32>(a3);
    c30 = madd(x3, w0, c30);
    c31 = madd(x3, w1, c31);
    a1 += 4;
    a2 += 4;
    a3 += 4;
    w += VECTOR;
    far += VECTOR;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  out += outStride;
  v128.store(out, c10);
  v128.store(out, c11, 16);
  out += outStride;
  v128.store(out, c20);
  v128.store(out, c21, 16);
  out += outStride;
  v128.store(out, c30);
  v128.store(out, c31, 16);
}
