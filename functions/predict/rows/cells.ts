import { DataError } from '../../shared/errors.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/**
 * Numbers of a column; NaN where a cell is null. Text that is a number counts as one.
 * @throws DataError column_not_numeric, naming column, row (from 0) and value
 */
export function parseNumbers(values: readonly unknown[], name: string): Float64Array {
  return Float64Array.from(values, (value, row) => {
    if (value === null) return NaN;
    const number = toNumber(value);
    if (number !== undefined) return number;
    throw new DataError(
      'column_not_numeric',
      `expected a finite number or null in column "${name}", row ${row}, got ${JSON.stringify(value).slice(0, 80)}`,
    );
  });
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'string') return NUMBER.test(value.trim()) ? finite(Number(value)) : undefined;
  return typeof value === 'number' ? finite(value) : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
