/** Copies of panels, from [feature][8 rows], as the passes read them, to rows, as gradients of weights do. */

/** Vectors a, b, c, d as the columns of four rows, which lie `stride` bytes apart. */
@inline
export function storeTransposed(target: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(target + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(target + 2 * stride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(target + 3 * stride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}

/**
 * Inputs and states [panel][feature][8 rows] to [feature / 8][panel][8 rows][8]; `stride` is bytes from panel to panel,
 * `blockBytes` from one eight of features to the next. Where features are no multiple of eight, what lies behind them is
 * copied too; nothing reads it.
 */
export function turnRows(target: usize, blockBytes: usize, source: usize, stride: usize, panels: usize, features: usize): void {
  const bytes = features * 32;
  for (const end = source + panels * stride; source < end; source += stride) {
    let block = target;
    for (let at = source; at < source + bytes; at += 256) {
      fourOfFour(block, at);
      fourOfFour(block + 128, at + 16);
      fourOfFour(block + 16, at + 128);
      fourOfFour(block + 144, at + 144);
      block += blockBytes;
    }
    target += 256;
  }
}

/** Four rows of four features. */
@inline
function fourOfFour(target: usize, source: usize): void {
  storeTransposed(target, 32, v128.load(source, 0), v128.load(source, 32), v128.load(source, 64), v128.load(source, 96));
}

/** Gates' gradients [panel][column][8 rows] to [column / 4][panel][8 rows][4]. */
export function turnGates(target: usize, blockBytes: usize, source: usize, stride: usize, panels: usize, columnBlocks: usize): void {
  for (const end = source + panels * stride; source < end; source += stride) {
    let block = target;
    for (let at = source; at < source + columnBlocks * 128; at += 128) {
      storeTransposed(block, 16, v128.load(at, 0), v128.load(at, 32), v128.load(at, 64), v128.load(at, 96));
      storeTransposed(block + 64, 16, v128.load(at, 16), v128.load(at, 48), v128.load(at, 80), v128.load(at, 112));
      block += blockBytes;
    }
    target += 128;
  }
}
