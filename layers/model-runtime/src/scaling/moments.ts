import { compensatedSumOfPieces } from './compensated-sum.ts';
import type { Piecewise } from './piecewise.ts';

/**
 * Mean and population standard deviation of finite values; NaN where there are none. A variance within the rounding
 * error of its two passes is that of a constant, and 0 (Chan, Golub and LeVeque 1983, as scikit-learn applies it).
 */
export function moments(values: Piecewise): { mean: number; deviation: number } {
  const rows = values.length;
  const mean = compensatedSumOfPieces(values.pieces()) / rows;
  const variance = compensatedSumOfPieces(squaredDeviations(values, mean)) / rows;
  const error = rows * mean * Number.EPSILON;
  const isConstant = variance <= rows * Number.EPSILON * variance + error * error;
  return { mean, deviation: isConstant ? 0 : Math.sqrt(variance) };
}

/** Squares of what the values differ from `mean` by; the next ones take the place of those before. */
export function* squaredDeviations(values: Piecewise, mean: number): Generator<Float64Array> {
  let room = new Float64Array();
  for (const piece of values.pieces()) {
    if (room.length < piece.length) room = new Float64Array(piece.length);
    const squares = room.subarray(0, piece.length);
    for (let index = 0; index < piece.length; index += 1) {
      const deviation = (piece[index] ?? Number.NaN) - mean;
      squares[index] = deviation * deviation;
    }
    yield squares;
  }
}
