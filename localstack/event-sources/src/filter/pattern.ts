// A filter pattern, compiled: an object's keys must all match, a leaf's rules are alternatives, `$or` takes
// alternatives of whole objects. The grammar is that of EventBridge's patterns as far as Lambda offers it.
import { invalidPattern, isObject, type Path } from './invalid-pattern.ts';
import { isScalar, parseRule, type Scalar } from './rules.ts';

/** @param value parsed JSON; undefined where it is absent. */
export type Matcher = (value: unknown) => boolean;

/** @throws InvalidPatternError with the path of what is no pattern. */
export function compilePattern(pattern: unknown, path: Path = []): Matcher {
  if (Array.isArray(pattern)) return compileLeaf(pattern, path);
  if (!isObject(pattern)) throw invalidPattern(path, 'a list of rules or an object of patterns');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalidPattern(path, 'at least one key');
  const matchers = entries.map(([key, inner]) =>
    key === '$or' ? compileAlternatives(inner, [...path, key]) : compileKey(key, inner, [...path, key]),
  );
  return (value) => alternativesOf(value).some((each) => matchers.every((matches) => matches(each)));
}

function compileKey(key: string, pattern: unknown, path: Path): Matcher {
  const matches = compilePattern(pattern, path);
  return (value) => matches(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
}

function compileAlternatives(alternatives: unknown, path: Path): Matcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw invalidPattern(path, 'a list of at least two objects of patterns');
  }
  const matchers = alternatives.map((each, index) => compilePattern(each, [...path, index]));
  return (value) => matchers.some((matches) => matches(value));
}

function compileLeaf(rules: readonly unknown[], path: Path): Matcher {
  if (rules.length === 0) throw invalidPattern(path, 'at least one rule');
  const parsed = rules.map((rule, index) => parseRule(rule, [...path, index]));
  return (value) => {
    const scalars = scalarsOf(value);
    return parsed.some((matches) => matches(scalars));
  };
}

/** A list stands for each of its elements, so that all of an object's keys are sought in one and the same element. */
function alternativesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 ? value.flatMap(alternativesOf) : [value];
}

/** Objects and empty lists hold nothing that a leaf's rule could see. */
function scalarsOf(value: unknown): readonly Scalar[] {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  return isScalar(value) ? [value] : [];
}
