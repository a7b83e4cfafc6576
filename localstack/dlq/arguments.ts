// The command line: list | show <topic> [n] | redrive <topic> [--filter key=value …] [--dry-run]
import { DlqError } from './errors.ts';

/** A letter must have this value under this key, see filter.ts. */
export interface Filter {
  readonly key: string;
  readonly value: string;
}

export type Command =
  | { readonly name: 'list' }
  | { readonly name: 'show'; readonly topic: string; readonly count: number }
  | {
      readonly name: 'redrive';
      readonly topic: string;
      readonly filters: readonly Filter[];
      readonly dryRun: boolean;
    };

export const USAGE = `npm run dlq -- list
npm run dlq -- show <topic> [n]
npm run dlq -- redrive <topic> [--filter key=value …] [--dry-run]`;

const PREFIX = 'DLQ-';
const SHOWN = 10;

/** @throws DlqError USAGE */
export function parseArguments(args: readonly string[]): Command {
  const [name, topic, ...rest] = args;
  if (name === 'list' && topic === undefined) return { name };
  if (name === 'show' && topic !== undefined && rest.length <= 1) {
    return { name, topic: dlqTopic(topic), count: parseCount(rest[0]) };
  }
  if (name === 'redrive' && topic !== undefined && !topic.startsWith('-')) {
    return { name, topic: dlqTopic(topic), ...parseRedriveOptions(rest) };
  }
  throw new DlqError('USAGE', `expected one of\n${USAGE}\ngot ${args.join(' ') || 'nothing'}`);
}

/** The prefix may be left out. */
export function dlqTopic(topic: string): string {
  return topic.startsWith(PREFIX) ? topic : `${PREFIX}${topic}`;
}

export function isDlqTopic(topic: string): boolean {
  return topic.startsWith(PREFIX);
}

export function withoutPrefix(topic: string): string {
  return isDlqTopic(topic) ? topic.slice(PREFIX.length) : topic;
}

function parseCount(text: string | undefined): number {
  const count = text === undefined ? SHOWN : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new DlqError('USAGE', `expected a number of records from 1 to 10,000, got ${text}`);
}

function parseRedriveOptions(args: readonly string[]): { filters: Filter[]; dryRun: boolean } {
  const filters: Filter[] = [];
  let dryRun = false;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '--dry-run') dryRun = true;
    else if (argument === '--filter') filters.push(parseFilter(args[(index += 1)]));
    else if (argument.startsWith('--filter=')) filters.push(parseFilter(argument.slice('--filter='.length)));
    else throw new DlqError('USAGE', `expected --filter key=value or --dry-run, got ${argument}`);
  }
  return { filters, dryRun };
}

function parseFilter(text = ''): Filter {
  const at = text.indexOf('=');
  if (at < 1) throw new DlqError('USAGE', `expected --filter key=value, got --filter ${text}`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
