/**
 * Gradients of weights: dw[k][column] = sum over rows of a[row][k] * g[row][column], one sum over all steps and rows of a
 * batch in a fixed order, whichever thread makes it. Columns are shared out among threads, so no two partial sums are ever
 * added up. `a` is [k / 8][row][8] and `g` [column / 4][row][4], as transpose.ts copies them: a product whose depth is the rows.
 */
import { tile, twoTiles, WIDE } from './tile';
import { storeTransposed } from './transpose';
import { laneSums, splat } from './vector';

const TILE: usize = 128;

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
    // Between a block of g and the next lie as many bytes as two tiles have (blockBytes in src/kernels/plan.ts).
    const gap = g + (block + 1) * gBlock - 2 * TILE;
    const gates = g + block * gBlock + skipped * 16;
    let k: usize = 0;
    if (WIDE) {
      for (; k + 8 < depth; k += 16) {
        const features = a + (k / 8) * aBlock;
        memory.fill(gap, 0, 2 * TILE);
        if (rows > 0) twoTiles(rows, gap, gap + TILE, 0, features, features + aBlock, gates);
        storeEight(dw, block, depth, k, gap);
        storeEight(dw, block, depth, k + 8, gap + TILE);
      }
    }
    for (; k < depth; k += 8) {
      memory.fill(gap, 0, TILE);
      if (rows > 0) tile(rows, gap, 0, a + (k / 8) * aBlock, gates);
      storeEight(dw, block, depth, k, gap);
    }
  }
}

/** A tile [4 columns][8 k] to dw [column / 4][k][4], where k may end after four. */
function storeEight(dw: usize, block: usize, depth: usize, k: usize, tile: usize): void {
  const out = dw + (block * depth + k) * 16;
  storeTransposed(out, 16, v128.load(tile, 0), v128.load(tile, 32), v128.load(tile, 64), v128.load(tile, 96));
  if (k + 4 == depth) return;
  storeTransposed(out + 64, 16, v128.load(tile, 16), v128.load(tile, 48), v128.load(tile, 80), v128.load(tile, 112));
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
