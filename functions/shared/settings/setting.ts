import { z } from 'zod';

/** A value that a user may set: a row of the table of settings. Its name is the environment variable's. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Reads text (of the environment) and JSON (of a config.json) alike, and has the default. */
  readonly schema: Schema;
  /** One sentence: what it does. */
  readonly says: string;
  /** What its number counts: rows, seconds, …; left out where it is none, or has none. */
  readonly unit?: string;
  /** How the default is written, where it is no value that counts. */
  readonly standard?: string;
  /** When it has an effect; otherwise it is at its default, so that it does not count in the hash. Default: always. */
  readonly when?: Condition;
  /** Of values that mean the same the one that counts in the hash. Default: as it is. */
  readonly canonical?: (value: z.output<Schema>) => z.output<Schema>;
  /** What counts in the hash in the value's place, where older hashes have to stay. */
  readonly hashed?: (value: unknown) => unknown;
  /** Came after the hash's schema version: at its default it is left out of the hash, so that older hashes stay. */
  readonly isLater?: boolean;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface Condition {
  /** For the docs, after "where". */
  readonly says: string;
  /** Whether it holds for the values in force. */
  readonly holds: (settings: Settings, hasTestFile: boolean) => boolean;
}

/** Checks a row's parts against each other, and keeps its types. */
export function setting<Schema extends z.ZodType>(row: Setting<Schema>): Setting<Schema> {
  return row;
}

/** The other setting has one of these values. */
export function where(name: string, ...values: readonly unknown[]): Condition {
  return {
    says: `\`${name}\` is ${values.map(written).join(' or ')}`,
    holds: (settings) => values.includes(settings[name]),
  };
}

/** The other setting has none of these values. */
export function unless(name: string, ...values: readonly unknown[]): Condition {
  return {
    says: `\`${name}\` is not ${values.map(written).join(' or ')}`,
    holds: (settings) => !values.includes(settings[name]),
  };
}

export function both(one: Condition, other: Condition): Condition {
  return {
    says: `${one.says} and ${other.says}`,
    holds: (settings, hasTestFile) => one.holds(settings, hasTestFile) && other.holds(settings, hasTestFile),
  };
}

/** As a user writes it in the environment. */
export function written(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Array.isArray(value) ? value.join(',') : String(value);
}

export const flag = z.preprocess(
  (value) =>
    value === '1' || value === 1 || value === true || value === 'true'
      ? true
      : value === '0' || value === 0 || value === false || value === 'false'
        ? false
        : value,
  z.boolean(),
);

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): z.ZodCoercedNumber {
  return z.coerce.number().int().min(min).max(max);
}

export const positive = z.coerce.number().positive();

/** Of a text with commas, or a list. */
export function listOf<Item extends z.ZodType>(item: Item, least = 0) {
  return z.preprocess(splitList, z.array(item).min(least));
}

export const names = listOf(z.string().min(1));

function splitList(value: unknown): unknown {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Lists whose order changes nothing. */
export function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

export function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

/** The schemas of some rows, for z.object. */
export function shapeOf<Rows extends Readonly<Record<string, Setting>>>(
  rows: Rows,
): { [Name in keyof Rows]: Rows[Name]['schema'] } {
  const entries = Object.entries(rows).map(([name, { schema }]) => [name, schema]);
  return Object.fromEntries(entries) as { [Name in keyof Rows]: Rows[Name]['schema'] };
}
