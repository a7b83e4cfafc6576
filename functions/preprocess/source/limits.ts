/** Bytes. The temporary files of larger ones take more than 12 GB. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
/** Bytes that any packed upload may unpack to; larger ones to as many times their own size. */
const MAX_UNPACKED_BYTES = 128 * 1024 ** 2;
const MAX_UNPACKED_TIMES = 64;
const CELL_BYTES = 8;

/** Rows of numbers pack to a tenth, a bomb to a thousandth. */
export function mostUnpacked(size: number): number {
  return Math.min(MAX_UPLOAD_BYTES, Math.max(MAX_UNPACKED_BYTES, MAX_UNPACKED_TIMES * size));
}

/** Cells of a file of `size` bytes whose format has cells that take no byte; as many as mostUnpacked has room for. */
export function mostCells(size: number): number {
  return mostUnpacked(size) / CELL_BYTES;
}
