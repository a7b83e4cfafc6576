import { RuntimeError } from '../../errors.ts';

/** @throws RuntimeError shape_mismatch where the regressors are not those of the fit, one value a row. */
export function checkRegressors(regressors: readonly Float64Array[], count: number, rows: number): void {
  const short = regressors.findIndex((column) => column.length !== rows);
  if (regressors.length === count && short === -1) return;
  const got =
    short === -1
      ? `${regressors.length} regressors`
      : `${regressors[short]?.length} rows in regressor ${short}`;
  throw new RuntimeError(
    'shape_mismatch',
    `AUTOARIMA: expected ${count} regressors of ${rows} rows, got ${got}`,
  );
}

/** Sum of the columns by their coefficients. */
export function combine(
  columns: readonly Float64Array[],
  coefficients: readonly number[],
  rows: number,
): Float64Array {
  const sum = new Float64Array(rows);
  for (const [at, column] of columns.entries())
    for (let row = 0; row < rows; row += 1)
      sum[row] = (sum[row] ?? 0) + (coefficients[at] ?? 0) * (column[row] ?? 0);
  return sum;
}
