/** Values that can be gone through again and again, in pieces, without all of them being in memory. */
export interface Piecewise {
  /** How many. */
  readonly length: number;
  pieces(): Iterable<Float64Array>;
}

/** Values that are in memory: one piece. */
export function inOnePiece(values: Float64Array): Piecewise {
  return { length: values.length, pieces: () => [values] };
}
