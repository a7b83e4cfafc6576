/**
 * The matrix product of all kernels: out[row][column] = start[column] + sum over k of a[row][k] * w[k][column].
 *
 * Rows come in panels of 8: `a` is [panel][k][8 rows], `out` is [panel][column][8 rows]. Weights lie in blocks of four
 * columns, [column / 4][k][4]. So every stream is read in order; tile.mjs writes the product of a panel and a block.
 *
 * A single row is [k] and [column], and its weights are [column / 32][k][32], since 32 columns are what it takes to hide how
 * long a sum takes. Each sum is made in the same order, so that a row has the same bits alone and in a panel.
 */
import { tile, twoTiles, WIDE } from './tile';
import { madd } from './vector';

const VECTOR: usize = 16;
const PANEL: usize = 32;
/** A single row's weights: from a k to the next. */
const ROW: usize = 128;

/**
 * `bias` 0 adds to what `out` holds. Strides are bytes from panel to panel, and from four columns of the weights to the next,
 * for a single row from 32 to the next.
 */
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
  if (lanes == 1) return rowProduct(0, columnBlocks, depth, out, bias == 0 ? out : bias, a, w, wStride);
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

/** One row, and the column blocks from <= block < to, of which `out` and `start`, what is added to, hold the first. */
export function rowProduct(
  from: usize,
  to: usize,
  depth: usize,
  out: usize,
  start: usize,
  a: usize,
  w: usize,
  wStride: usize,
): void {
  let count: usize = 0;
  for (let block = from; block < to; block += count) {
    const columns = blockOfRow(block, w, wStride);
    count = (block & 7) == 0 && block + 8 <= to ? 8 : 1;
    if (count == 8) eightBlocks(depth, out, start, a, columns);
    else oneBlock(depth, out, start, a, columns);
    out += count * VECTOR;
    start += count * VECTOR;
  }
}

/** Where four columns of a single row's weights begin. */
@inline
function blockOfRow(block: usize, w: usize, wStride: usize): usize {
  return w + (block >> 3) * wStride + (block & 7) * VECTOR;
}

function oneBlock(depth: usize, out: usize, start: usize, a: usize, w: usize): void {
  let sum = v128.load(start);
  for (const end = a + 4 * depth; a < end; a += 4) {
    sum = madd(v128.load_splat<f32>(a), v128.load(w), sum);
    w += ROW;
  }
  v128.store(out, sum);
}

function eightBlocks(depth: usize, out: usize, start: usize, a: usize, w: usize): void {
  let c0 = v128.load(start, 0), c1 = v128.load(start, 16), c2 = v128.load(start, 32), c3 = v128.load(start, 48);
  let c4 = v128.load(start, 64), c5 = v128.load(start, 80), c6 = v128.load(start, 96), c7 = v128.load(start, 112);
  for (const end = a + 4 * depth; a < end; a += 4) {
    const x = v128.load_splat<f32>(a);
    c0 = madd(x, v128.load(w, 0), c0);
    c1 = madd(x, v128.load(w, 16), c1);
    c2 = madd(x, v128.load(w, 32), c2);
    c3 = madd(x, v128.load(w, 48), c3);
    c4 = madd(x, v128.load(w, 64), c4);
    c5 = madd(x, v128.load(w, 80), c5);
    c6 = madd(x, v128.load(w, 96), c6);
    c7 = madd(x, v128.load(w, 112), c7);
    w += ROW;
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
 * Rows that follow each other in time, each [k] and [column], `aStride` and `outStride` bytes apart: the weights, those of a
 * single row, are read once for two of them. Each sum is made in the order of the other products. `bias` is not 0.
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
  const fours = columnBlocks & ~3;
  let row: usize = 0;
  for (; row + 2 <= rows; row += 2) {
    for (let block: usize = 0; block < fours; block += 4) {
      const at = block * VECTOR;
      twoRows(depth, out + at, outStride, bias + at, a, aStride, blockOfRow(block, w, wStride));
    }
    for (let each: usize = 0; each < 2; each++) {
      const at = fours * VECTOR;
      rowProduct(fours, columnBlocks, depth, out + at, bias + at, a, w, wStride);
      out += outStride;
      a += aStride;
    }
  }
  if (row < rows) rowProduct(0, columnBlocks, depth, out, bias, a, w, wStride);
}

/** Two rows of four column blocks. */
function twoRows(depth: usize, out: usize, outStride: usize, bias: usize, a: usize, aStride: usize, w: usize): void {
  let c00 = v128.load(bias, 0), c01 = v128.load(bias, 16), c02 = v128.load(bias, 32), c03 = v128.load(bias, 48);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03;
  let next = a + aStride;
  for (const end = a + 4 * depth; a < end; a += 4) {
    const x0 = v128.load_splat<f32>(a), x1 = v128.load_splat<f32>(next);
    const w0 = v128.load(w, 0), w1 = v128.load(w, 16);
    c00 = madd(x0, w0, c00);
    c01 = madd(x0, w1, c01);
    c10 = madd(x1, w0, c10);
    c11 = madd(x1, w1, c11);
    const w2 = v128.load(w, 32), w3 = v128.load(w, 48);
    c02 = madd(x0, w2, c02);
    c03 = madd(x0, w3, c03);
    c12 = madd(x1, w2, c12);
    c13 = madd(x1, w3, c13);
    next += 4;
    w += ROW;
  }
  v128.store(out, c00, 0);
  v128.store(out, c01, 16);
  v128.store(out, c02, 32);
  v128.store(out, c03, 48);
  out += outStride;
  v128.store(out, c10, 0);
  v128.store(out, c11, 16);
  v128.store(out, c12, 32);
  v128.store(out, c13, 48);
}
