/** A network that the kernels run: recurrent layers of one kind, then a dense layer over the last step. */
export interface RecurrentShape {
  readonly cell: 'GRU' | 'LSTM';
  /** Steps of the window. */
  readonly steps: number;
  readonly features: number;
  readonly units: number;
  readonly layers: number;
  /** Numbers answered: horizon x targets. */
  readonly outputs: number;
}

export const GATES = { GRU: 3, LSTM: 4 } as const;

/** The next multiple of four, the width of a vector. */
export function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
