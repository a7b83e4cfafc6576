// Numeric rules: `["=", 5]`, `["<", 10]`, `[">", 0, "<=", 5]`.
import { invalidPattern, type Path } from './invalid-pattern.ts';

type Comparison = (value: number, bound: number) => boolean;

const LOWER: Readonly<Record<string, Comparison>> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};
const UPPER: Readonly<Record<string, Comparison>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};
const SINGLE: Readonly<Record<string, Comparison>> = {
  '=': (value, bound) => value === bound,
  ...LOWER,
  ...UPPER,
};

const EXPECTED = '["=" | ">" | ">=" | "<" | "<=", number] or [">" | ">=", lower, "<" | "<=", higher]';

/** @throws InvalidPatternError unless the operand is one comparison, or a lower bound and a higher upper one. */
export function numericRule(operand: unknown, path: Path): (value: number) => boolean {
  const terms: unknown[] = Array.isArray(operand) ? operand : [];
  if (terms.length === 2) return comparison(SINGLE, terms, path).test;
  if (terms.length !== 4) throw invalidPattern(path, EXPECTED);
  const lower = comparison(LOWER, terms.slice(0, 2), path);
  const upper = comparison(UPPER, terms.slice(2), path);
  if (lower.bound >= upper.bound) throw invalidPattern(path, EXPECTED);
  return (value) => lower.test(value) && upper.test(value);
}

function comparison(
  known: Readonly<Record<string, Comparison>>,
  [operator, bound]: readonly unknown[],
  path: Path,
): { readonly bound: number; readonly test: (value: number) => boolean } {
  const compare =
    typeof operator === 'string' && Object.hasOwn(known, operator) ? known[operator] : undefined;
  if (compare === undefined || typeof bound !== 'number' || !Number.isFinite(bound)) {
    throw invalidPattern(path, EXPECTED);
  }
  return { bound, test: (value) => compare(value, bound) };
}
