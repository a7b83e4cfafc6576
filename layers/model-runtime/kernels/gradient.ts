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
  weightGradientOfRuns(dw, depth * 16, depth, rows > 0 ? 1 : 0, rows, a, aBlock, 0, g, gBlock, skipped, 0, from, to);
}

/**
 * Like weightGradient, over `runs` of so many rows, at least one: `aRun` and `gRun` are the bytes from the first row of one to that of the
 * next. `dwBlock` are those from one column block of dw to the next.
 */
export function weightGradientOfRuns(
  dw: usize,
  dwBlock: usize,
  depth: usize,
  runs: usize,
  rows: usize,
  a: usize,
  aBlock: usize,
  aRun: usize,
  g: usize,
  gBlock: usize,
  skipped: usize,
  gRun: usize,
  from: usize,
  to: usize,
): void {
  for (let block = from; block < to; block++) {
    // Between a block of g and the next lie as many bytes as two tiles have (blockBytes in src/kernels/plan.ts).
    const gap = g + (block + 1) * gBlock - 2 * TILE;
    const gates = g + block * gBlock + skipped * 16;
    const out = dw + block * dwBlock;
    let k: usize = 0;
    if (WIDE) {
      for (; k + 8 < depth; k += 16) {
        const features = a + (k / 8) * aBlock;
        memory.fill(gap, 0, 2 * TILE);
        for (let run: usize = 0; run < runs; run++)
          twoTiles(rows, gap, gap + TILE, 0, features + run * aRun, features + run * aRun + aBlock, gates + run * gRun);
        storeEight(out, depth, k, gap);
        storeEight(out, depth, k + 8, gap + TILE);
      }
    }
    for (; k < depth; k += 8) {
      const features = a + (k / 8) * aBlock;
      memory.fill(gap, 0, TILE);
      for (let run: usize = 0; run < runs; run++) tile(rows, gap, 0, features + run * aRun, gates + run * gRun);
      storeEight(out, depth, k, gap);
    }
  }
}

/** A tile [4 columns][8 k] to a column block of dw, [k][4], where k may end after four. */
function storeEight(block: usize, depth: usize, k: usize, tile: usize): void {
  const out = block + k * 16;
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
