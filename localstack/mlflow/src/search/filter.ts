import { invalid } from '../errors.ts';
import type { Field, ReadField } from './field.ts';

export type Predicate<T> = (item: T) => boolean;

interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'quoted' | 'operator' | 'open' | 'close' | 'comma';
  readonly text: string;
}

const TOKENS =
  /\s*(?:(?<string>'(?:''|\\'|[^'])*'|"(?:""|\\"|[^"])*")|(?<quoted>`[^`]*`)|(?<operator><=|>=|!=|=|<|>)|(?<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]))|(?<open>\()|(?<close>\))|(?<comma>,)|(?<word>[\w.\-/]+))/uy;

/**
 * MLflow's search grammar: clause (AND clause)*. Prefixes params., metrics., tags., attributes. (a bare key is an
 * attribute). @throws ApiError INVALID_PARAMETER_VALUE
 */
export function parseFilter<T>(filter: string, read: ReadField<T>): Predicate<T> {
  if (filter.trim() === '') return () => true;
  const tokens = tokenize(filter);
  const clauses: Predicate<T>[] = [];
  let at = 0;
  const next = (): Token => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
    return token;
  };
  for (;;) {
    clauses.push(parseClause(next, filter, read));
    if (at === tokens.length) break;
    const joint = next();
    if (joint.text.toUpperCase() !== 'AND')
      throw invalid(`Invalid clause(s) in filter string: '${joint.text}'`);
    // A last AND with nothing behind it is let through, as MLflow does.
    if (at === tokens.length) break;
  }
  return (item) => clauses.every((clause) => clause(item));
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (filter.slice(TOKENS.lastIndex).trim() !== '') {
    const from = TOKENS.lastIndex;
    const groups = TOKENS.exec(filter)?.groups;
    if (groups === undefined) throw invalid(`Invalid clause(s) in filter string: '${filter.slice(from)}'`);
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) ?? [];
    if (isKind(kind)) tokens.push({ kind, text: text ?? '' });
  }
  return joinKeys(tokens);
}

function isKind(kind: string | undefined): kind is Token['kind'] {
  return kind !== undefined;
}

/** `tags.` and the quoted key that follows it are one word. */
function joinKeys(tokens: readonly Token[]): Token[] {
  const joined: Token[] = [];
  for (const token of tokens) {
    const before = joined.at(-1);
    if (
      before?.kind === 'word' &&
      before.text.endsWith('.') &&
      (token.kind === 'quoted' || token.kind === 'string')
    ) {
      joined[joined.length - 1] = { kind: 'word', text: before.text + token.text.slice(1, -1) };
    } else joined.push(token);
  }
  return joined;
}

function parseClause<T>(next: () => Token, filter: string, read: ReadField<T>): Predicate<T> {
  const key = next();
  if (key.kind !== 'word' && key.kind !== 'quoted')
    throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
  const field = read(key.kind === 'quoted' ? key.text.slice(1, -1) : key.text);
  const operator = next().text.toUpperCase();
  if (operator === 'IS') return parseNull(field, next, filter);
  if (operator === 'IN') return parseIn(field, next, filter);
  return field.numeric ? compareNumber(field, operator, next()) : compareText(field, operator, next());
}

function parseNull<T>(field: Field<T>, next: () => Token, filter: string): Predicate<T> {
  const second = next();
  const negated = second.text.toUpperCase() === 'NOT';
  if ((negated ? next() : second).text.toUpperCase() !== 'NULL')
    throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
  return (item) => (field.value(item) === undefined) !== negated;
}

function parseIn<T>(field: Field<T>, next: () => Token, filter: string): Predicate<T> {
  if (field.name !== 'run_id') throw invalid(`Expected IN for run_id alone, got it for ${field.name}`);
  if (next().kind !== 'open') throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
  const values = new Set<unknown>();
  for (let token = next(); token.kind !== 'close'; token = next()) {
    if (token.kind === 'string') values.add(token.text.slice(1, -1));
    else if (token.kind !== 'comma')
      throw invalid(`Expected a quoted string in ${filter}, got ${token.text}`);
  }
  return (item) => values.has(field.value(item));
}

function compareNumber<T>(field: Field<T>, operator: string, token: Token): Predicate<T> {
  if (token.kind !== 'number')
    throw invalid(`Expected numeric value type for ${field.name}. Found ${token.text}`);
  const holds = NUMERIC[operator] ?? refuse(operator, field.name);
  const expected = Number(token.text);
  return (item) => {
    const value = field.value(item);
    return typeof value === 'number' && holds(value, expected);
  };
}

function compareText<T>(field: Field<T>, operator: string, token: Token): Predicate<T> {
  if (token.kind !== 'string')
    throw invalid(`Expected a quoted string value for ${field.name}. Got value ${token.text}`);
  const text = TEXTUAL[operator] ?? refuse(operator, field.name);
  const holds = text(token.text.slice(1, -1));
  return (item) => {
    const value = field.value(item);
    return value !== undefined && holds(String(value));
  };
}

function refuse(operator: string, key: string): never {
  throw invalid(`Invalid comparator '${operator}' for ${key}`);
}

const NUMERIC: Readonly<Record<string, (value: number, expected: number) => boolean>> = {
  '=': (value, expected) => value === expected,
  '!=': (value, expected) => value !== expected,
  '<': (value, expected) => value < expected,
  '<=': (value, expected) => value <= expected,
  '>': (value, expected) => value > expected,
  '>=': (value, expected) => value >= expected,
};

const TEXTUAL: Readonly<Record<string, (expected: string) => (value: string) => boolean>> = {
  '=': (expected) => (value) => value === expected,
  '!=': (expected) => (value) => value !== expected,
  LIKE: (expected) => like(expected, 'su'),
  ILIKE: (expected) => like(expected, 'sui'),
};

/** SQL's patterns: % any run of characters, _ any one. */
function like(pattern: string, flags: string): (value: string) => boolean {
  const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  const expression = new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, flags);
  return (value) => expression.test(value);
}
