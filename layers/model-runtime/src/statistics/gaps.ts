import { RuntimeError } from '../errors.ts';

export function countKnown(values: Float64Array): number {
  let known = 0;
  for (const value of values) if (!Number.isNaN(value)) known += 1;
  return known;
}

/** @throws RuntimeError insufficient_rows where fewer than `rows` are known; non_finite_input for infinities. */
export function requireRows(family: string, values: Float64Array, rows: number): void {
  const known = countKnown(values);
  if (known < rows)
    throw new RuntimeError(
      'insufficient_rows',
      `${family}: expected at least ${rows} known rows, got ${known} of ${values.length}`,
    );
  const infinite = values.findIndex((value) => !Number.isFinite(value) && !Number.isNaN(value));
  if (infinite !== -1)
    throw new RuntimeError(
      'non_finite_input',
      `${family}: expected finite values or NaN, got ${values[infinite]} in row ${infinite}`,
    );
}

/** Gaps take the value before them, those at the beginning `before` or the first value that is known. */
export function fillForward(values: Float64Array, before = Number.NaN): Float64Array {
  const filled = Float64Array.from(values);
  let last = Number.isNaN(before) ? (values.find((value) => !Number.isNaN(value)) ?? 0) : before;
  for (let row = 0; row < filled.length; row += 1) {
    const value = filled[row] ?? 0;
    if (Number.isNaN(value)) filled[row] = last;
    else last = value;
  }
  return filled;
}

/** Gaps on the straight line between their neighbours: for initial values of a search, which may look ahead. */
export function interpolate(values: Float64Array): Float64Array {
  const filled = fillForward(values);
  let from = -1;
  for (let row = 0; row < values.length; row += 1) {
    if (Number.isNaN(values[row] ?? 0)) continue;
    const [start, end] = [filled[from] ?? 0, filled[row] ?? 0];
    if (from >= 0)
      for (let gap = from + 1; gap < row; gap += 1)
        filled[gap] = start + ((end - start) * (gap - from)) / (row - from);
    from = row;
  }
  return filled;
}
