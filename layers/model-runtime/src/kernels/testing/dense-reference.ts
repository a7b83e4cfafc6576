/** One number of x W. */
export function column(w: ArrayLike<number>, x: readonly number[], at: number, columns: number): number {
  return x.reduce((sum, value, row) => sum + value * (w[row * columns + at] ?? Number.NaN), 0);
}

/** x W + b. */
export function dense(x: readonly number[], w: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return Array.from(b, (start, output) => start + column(w, x, output, b.length));
}
