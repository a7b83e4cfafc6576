// Filter criteria of a Kafka event source mapping: patterns on a record's value, of which one must match.
import { InvalidPatternError, invalidPattern, isObject, type Path } from './invalid-pattern.ts';
import { compilePattern, type Matcher } from './pattern.ts';

/** Whether a function is to see a record with this value. */
export type RecordFilter = (value: Buffer | null) => boolean;

/** Characters of a pattern's JSON. */
const PATTERN_LIMIT = 4096;

/**
 * A pattern is an object whose one key is `value` (or `$or` over such objects). What is under `value` is compared with
 * the record's value: parsed where that is JSON, otherwise the text itself. A pattern of keys lets no value through
 * that is not JSON, nor a list of rules an object.
 * @throws InvalidPatternError, whose path begins with the pattern's index.
 */
export function compileRecordFilter(patterns: readonly unknown[]): RecordFilter {
  const matchers = patterns.map((pattern, index) => compileRecordPattern(pattern, [index]));
  return (value) => {
    const read = readValue(value);
    return matchers.some((matches) => matches(read));
  };
}

function compileRecordPattern(pattern: unknown, path: Path): Matcher {
  if (JSON.stringify(pattern).length > PATTERN_LIMIT) {
    throw invalidPattern(path, `at most ${PATTERN_LIMIT} characters of JSON`);
  }
  if (!isObject(pattern)) throw invalidPattern(path, 'an object with the key value');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalidPattern(path, 'the key value');
  const matchers = entries.map(([key, inner]) => {
    if (key === 'value') return compileValue(inner, [...path, key]);
    if (key === '$or') return compileAlternatives(inner, [...path, key]);
    throw new InvalidPatternError(
      [...path, key],
      'expected the key value alone, which is all that Kafka records are filtered by',
    );
  });
  return (value) => matchers.every((matches) => matches(value));
}

function compileAlternatives(alternatives: unknown, path: Path): Matcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw invalidPattern(path, 'a list of at least two objects of patterns');
  }
  const matchers = alternatives.map((each, index) => compileRecordPattern(each, [...path, index]));
  return (value) => matchers.some((matches) => matches(value));
}

/** `exists: false` must not let through what has no keys at all. */
function compileValue(pattern: unknown, path: Path): Matcher {
  const matches = compilePattern(pattern, path);
  if (Array.isArray(pattern)) return (value) => !isObject(value) && matches(value);
  return (value) => typeof value === 'object' && value !== null && matches(value);
}

function readValue(value: Buffer | null): unknown {
  if (value === null) return undefined;
  const text = value.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
