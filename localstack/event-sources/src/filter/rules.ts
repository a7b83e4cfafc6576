// The rules of a filter pattern's leaf, such as `"x"`, `{prefix: "x"}` or `{numeric: [">", 0]}`: each compiled into a
// test of the values found at the leaf.
import { invalidPattern, isObject, type Path } from './invalid-pattern.ts';
import { numericRule } from './numeric.ts';

/** A JSON value that is neither object nor list. */
export type Scalar = string | number | boolean | null;

/** @param values the scalars at the leaf: none where it is absent, several where it is a list. */
export type Rule = (values: readonly Scalar[]) => boolean;

type ScalarTest = (value: Scalar) => boolean;
type RuleParser = (operand: unknown, path: Path) => Rule;

const PARSERS: Readonly<Record<string, RuleParser>> = {
  exists: parseExists,
  'anything-but': parseAnythingBut,
  prefix: (operand, path) => some(caselessOr(operand, path, (text, part) => text.startsWith(part))),
  suffix: (operand, path) => some(caselessOr(operand, path, (text, part) => text.endsWith(part))),
  'equals-ignore-case': (operand, path) => {
    const wanted = parseText(operand, path).toLowerCase();
    return some((value) => typeof value === 'string' && value.toLowerCase() === wanted);
  },
  numeric: (operand, path) => {
    const matches = numericRule(operand, path);
    return some((value) => typeof value === 'number' && matches(value));
  },
};

/** @throws InvalidPatternError with the path of what is no rule. */
export function parseRule(rule: unknown, path: Path): Rule {
  if (isScalar(rule)) return some((value) => value === rule);
  if (!isObject(rule)) throw invalidPattern(path, 'a value or a rule such as {prefix: "x"}');
  const [entry, ...others] = Object.entries(rule);
  if (entry === undefined || others.length > 0)
    throw invalidPattern(path, 'a rule with exactly one operator');
  const [operator, operand] = entry;
  const parse = Object.hasOwn(PARSERS, operator) ? PARSERS[operator] : undefined;
  if (parse === undefined) throw invalidPattern(path, `one of ${Object.keys(PARSERS).join(', ')}`);
  return parse(operand, [...path, operator]);
}

function some(test: ScalarTest): Rule {
  return (values) => values.some(test);
}

function parseExists(operand: unknown, path: Path): Rule {
  if (typeof operand !== 'boolean') throw invalidPattern(path, 'true or false');
  return (values) => values.length > 0 === operand;
}

type TextTest = (text: string, part: string) => boolean;

/** `"x"`, or `{"equals-ignore-case": "x"}` for a comparison without regard to case. */
function caselessOr(operand: unknown, path: Path, test: TextTest): ScalarTest {
  if (isObject(operand) && Object.keys(operand).join() === 'equals-ignore-case') {
    const part = parseText(operand['equals-ignore-case'], [...path, 'equals-ignore-case']).toLowerCase();
    return (value) => typeof value === 'string' && test(value.toLowerCase(), part);
  }
  const part = parseText(operand, path);
  return (value) => typeof value === 'string' && test(value, part);
}

const EXCLUSIONS: Readonly<Record<string, TextTest>> = {
  prefix: (text, part) => text.startsWith(part),
  suffix: (text, part) => text.endsWith(part),
  'equals-ignore-case': (text, part) => text.toLowerCase() === part.toLowerCase(),
};

/** Matches where some value is there that is not excluded. */
function parseAnythingBut(operand: unknown, path: Path): Rule {
  if (isObject(operand)) return parseExclusion(operand, path);
  const excluded = Array.isArray(operand) ? operand : [operand];
  const ofOneType = ['string', 'number'].some((type) => excluded.every((value) => typeof value === type));
  if (excluded.length === 0 || !ofOneType) {
    throw invalidPattern(path, 'a text, a number, or a list of either, or {prefix | suffix: …}');
  }
  return some((value) => !excluded.includes(value));
}

function parseExclusion(operand: Record<string, unknown>, path: Path): Rule {
  const [entry, ...others] = Object.entries(operand);
  const test = entry !== undefined && Object.hasOwn(EXCLUSIONS, entry[0]) ? EXCLUSIONS[entry[0]] : undefined;
  if (entry === undefined || test === undefined || others.length > 0) {
    throw invalidPattern(path, `one of ${Object.keys(EXCLUSIONS).join(', ')}`);
  }
  const [operator, parts] = entry;
  const list: unknown[] = Array.isArray(parts) ? parts : [parts];
  if (list.length === 0) throw invalidPattern([...path, operator], 'at least one text');
  const texts = list.map((part) => parseText(part, [...path, operator]));
  return some((value) => typeof value !== 'string' || !texts.some((part) => test(value, part)));
}

function parseText(operand: unknown, path: Path): string {
  if (typeof operand !== 'string') throw invalidPattern(path, 'a text');
  return operand;
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
