import { invalid } from '../errors.ts';
import type { ReadField } from './field.ts';

type Compare<T> = (a: T, b: T) => number;

/** order_by clauses, then `otherwise`; NaN and then missing values come last either way. @throws ApiError */
export function parseOrder<T>(
  clauses: readonly string[],
  { read, otherwise }: { read: ReadField<T>; otherwise: Compare<T> },
): Compare<T> {
  const orders = [...clauses.map((clause) => parseClause(clause, read)), otherwise];
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function parseClause<T>(clause: string, read: ReadField<T>): Compare<T> {
  const [, key = '', direction = 'ASC'] = /^\s*([\w.]*[`"].*[`"]|\S+)(?:\s+(\S+))?\s*$/u.exec(clause) ?? [];
  if (key === '' || !['ASC', 'DESC'].includes(direction.toUpperCase()))
    throw invalid(`Invalid order_by clause '${clause}'`);
  const { value } = read(/^`.*`$/u.test(key) ? key.slice(1, -1) : key);
  const sign = direction.toUpperCase() === 'ASC' ? 1 : -1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    const last = rank(left) - rank(right);
    if (last !== 0) return last;
    if (left === undefined || right === undefined || left === right || rank(left) > 0) return 0;
    return left < right ? -sign : sign;
  };
}

function rank(value: string | number | undefined): number {
  if (value === undefined) return 2;
  return Number.isNaN(value) ? 1 : 0;
}
