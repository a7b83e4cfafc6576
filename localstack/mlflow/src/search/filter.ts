import { invalid } from '../errors.ts';
import { artifactUri, type Run } from '../store/types.ts';
import { latest } from '../store/store.ts';

export type Predicate = (run: Run) => boolean;

interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'quoted' | 'operator' | 'open' | 'close' | 'comma';
  readonly text: string;
}

const TOKENS =
  /\s*(?:(?<string>'[^']*'|"[^"]*")|(?<quoted>`[^`]*`)|(?<operator><=|>=|!=|=|<|>)|(?<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]))|(?<open>\()|(?<close>\))|(?<comma>,)|(?<word>[\w.\-/]+))/uy;

/**
 * MLflow's search grammar: clause (AND clause)*. Prefixes params., metrics., tags., attributes. (a bare key is an
 * attribute). @throws ApiError INVALID_PARAMETER_VALUE
 */
export function parseFilter(filter: string): Predicate {
  if (filter.trim() === '') return () => true;
  const tokens = tokenize(filter);
  const clauses: Predicate[] = [];
  let at = 0;
  const next = (): Token => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
    return token;
  };
  for (;;) {
    clauses.push(parseClause(next, filter));
    if (at === tokens.length) break;
    const joint = next();
    if (joint.text.toUpperCase() !== 'AND')
      throw invalid(`Invalid clause(s) in filter string: '${joint.text}'`);
  }
  return (run) => clauses.every((clause) => clause(run));
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

function parseClause(next: () => Token, filter: string): Predicate {
  const key = next();
  if (key.kind !== 'word') throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
  const operator = next();
  const word = operator.text.toUpperCase();
  if (word === 'IS') {
    const second = next();
    const negated = second.text.toUpperCase() === 'NOT';
    if ((negated ? next() : second).text.toUpperCase() !== 'NULL')
      throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
    const read = readerOf(key.text);
    return (run) => (read.value(run) === undefined) !== negated;
  }
  if (word === 'IN') return parseIn(key.text, next, filter);
  const value = next();
  return compare(key.text, word, value);
}

function parseIn(key: string, next: () => Token, filter: string): Predicate {
  const read = readerOf(key);
  if (read.name !== 'run_id') throw invalid(`Invalid comparator 'IN' for ${key}`);
  if (next().kind !== 'open') throw invalid(`Invalid clause(s) in filter string: '${filter}'`);
  const values = new Set<unknown>();
  for (let token = next(); token.kind !== 'close'; token = next())
    if (token.kind === 'string') values.add(token.text.slice(1, -1));
  return (run) => values.has(read.value(run));
}

interface ValueReader {
  readonly name: string;
  readonly numeric: boolean;
  readonly value: (run: Run) => string | number | undefined;
}

const ATTRIBUTES: Readonly<Record<string, ValueReader['value']>> = {
  run_id: (run) => run.id,
  run_name: (run) => run.name,
  status: (run) => run.status,
  user_id: (run) => run.userId,
  artifact_uri: (run) => artifactUri(run),
  start_time: (run) => run.startTime,
  end_time: (run) => run.endTime,
};
const ALIASES: Readonly<Record<string, string>> = {
  'Run name': 'run_name',
  name: 'run_name',
  created: 'start_time',
  Created: 'start_time',
};

/** Reads what a key names from a run. */
export function readerOf(key: string): ValueReader {
  const dot = key.indexOf('.');
  const [entity, rest] = dot < 0 ? ['attributes', key] : [key.slice(0, dot), unquoted(key.slice(dot + 1))];
  switch (entity) {
    case 'params':
    case 'param':
    case 'parameters':
      return { name: rest, numeric: false, value: (run) => run.params.get(rest) };
    case 'tags':
    case 'tag':
      return { name: rest, numeric: false, value: (run) => run.tags.get(rest) };
    case 'metrics':
    case 'metric':
      return { name: rest, numeric: true, value: (run) => latest(run.metrics.get(rest) ?? [])?.value };
    case 'attributes':
    case 'attribute':
    case 'attr':
    case 'run': {
      const name = ALIASES[rest] ?? rest;
      const value = ATTRIBUTES[name];
      if (value === undefined)
        throw invalid(
          `Invalid attribute key '${rest}' specified. Valid keys are '${Object.keys(ATTRIBUTES).join(', ')}'`,
        );
      return { name, numeric: name.endsWith('_time'), value };
    }
    default:
      throw invalid(
        `Invalid entity type '${entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute']`,
      );
  }
}

function unquoted(key: string): string {
  return /^[`"'].*[`"']$/u.test(key) ? key.slice(1, -1) : key;
}

function compare(key: string, operator: string, token: Token): Predicate {
  const read = readerOf(key);
  if (read.numeric) {
    if (token.kind !== 'number') throw invalid(`Expected numeric value type for ${key}. Found ${token.text}`);
    const holds = NUMERIC[operator] ?? refuse(operator, key);
    const expected = Number(token.text);
    return (run) => {
      const value = read.value(run);
      return typeof value === 'number' && holds(value, expected);
    };
  }
  if (token.kind !== 'string')
    throw invalid(`Expected a quoted string value for ${key}. Got value ${token.text}`);
  const holds = TEXTUAL[operator] ?? refuse(operator, key);
  const expected = token.text.slice(1, -1);
  return (run) => {
    const value = read.value(run);
    return value !== undefined && holds(String(value), expected);
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

const TEXTUAL: Readonly<Record<string, (value: string, expected: string) => boolean>> = {
  '=': (value, expected) => value === expected,
  '!=': (value, expected) => value !== expected,
  LIKE: (value, expected) => like(expected, 'su').test(value),
  ILIKE: (value, expected) => like(expected, 'sui').test(value),
};

/** SQL's patterns: % any run of characters, _ any one. */
function like(pattern: string, flags: string): RegExp {
  const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, flags);
}
