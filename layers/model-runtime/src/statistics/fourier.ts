export interface Fourier {
  /** Rows. */
  readonly season: number;
  /** Sines and cosines, of 1 to so many cycles a season. */
  readonly terms: number;
}

/**
 * A sine and a cosine a term, less the sine of half a season, which is 0 in every row; the phase comes from the calendar's index
 * of the first row.
 */
export function fourierColumns({ season, terms }: Fourier, index: number, rows: number): Float64Array[] {
  return Array.from({ length: terms }, (_, at) => {
    const angle = (row: number): number => (2 * Math.PI * (((at + 1) * (index + row)) % season)) / season;
    const waves = 2 * (at + 1) === season ? [Math.cos] : [Math.sin, Math.cos];
    return waves.map((wave) => Float64Array.from({ length: rows }, (_unused, row) => wave(angle(row))));
  }).flat();
}
