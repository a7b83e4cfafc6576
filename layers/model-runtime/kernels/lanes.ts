/**
 * Sums over the features of a row: four rows of a panel at a time, or the single row of a panel of one lane, whose vectors hold
 * it four times. So a row has the same bits alone and in a panel. `lanes` is 1 or 8, known where these are inlined.
 */

/** Bytes from a feature to the next. */
@inline
export function featureBytes(lanes: usize): usize {
  return lanes * 4;
}

/** Bytes from a k of the weights to the next, in four columns; in 32 for a single row (product.ts). */
@inline
export function weightBytes(lanes: usize): usize {
  return lanes == 1 ? 128 : 16;
}

/** Where the halves of a panel of eight rows begin, and end: 0, 16; of a single row: 0. */
@inline
export function halvesEnd(lanes: usize): usize {
  return lanes == 1 ? 16 : 32;
}

@inline
export function loadRows(lanes: usize, at: usize): v128 {
  return lanes == 1 ? v128.load_splat<f32>(at) : v128.load(at);
}

@inline
export function storeRows(lanes: usize, at: usize, value: v128): void {
  if (lanes == 1) f32.store(at, f32x4.extract_lane(value, 0));
  else v128.store(at, value);
}
