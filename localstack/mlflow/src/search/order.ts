import { invalid } from '../errors.ts';
import type { Run } from '../store/types.ts';
import { readerOf } from './filter.ts';

type Compare = (a: Run, b: Run) => number;

/** order_by clauses, then the newest start first; NaN and then missing values come last either way. */
export function parseOrder(clauses: readonly string[]): Compare {
  const orders = [...clauses.map(parseClause), byStart];
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

const byStart: Compare = (a, b) => b.startTime - a.startTime || (a.id < b.id ? -1 : 1);

function parseClause(clause: string): Compare {
  const [, key = '', direction = 'ASC'] = /^\s*(\S+|[\w.]*[`"].*[`"])(?:\s+(\S+))?\s*$/u.exec(clause) ?? [];
  if (key === '' || !['ASC', 'DESC'].includes(direction.toUpperCase()))
    throw invalid(`Invalid order_by clause '${clause}'`);
  const { value } = readerOf(key);
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
