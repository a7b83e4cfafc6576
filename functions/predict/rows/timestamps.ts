import type { DateFormat } from '../../shared/dataset/rules.ts';
import { expectedTime, parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { DataError } from '../../shared/errors.ts';

export type RequestColumns = Readonly<Record<string, readonly unknown[]>>;

/** Columns that hold the time where nothing says which; also in other cases. */
const NAMES = ['ts', 'timestamp', 'time', 'date'];

export interface TimeColumnOf {
  /** What the request says. */
  readonly asked: string | null | undefined;
  /** What the time column of the dataset was called. */
  readonly usual: string;
  /** Model inputs: none of them is the time, whatever its name is. */
  readonly inputs: readonly string[];
}

/**
 * Which column of a request holds the time: the one that `index_col` names; else by name; else the one that is called
 * as in the dataset. @throws DataError column_missing, time_column_missing, naming the columns that came
 */
export function timeColumn(data: RequestColumns, { asked, usual, inputs }: TimeColumnOf): string {
  const names = Object.keys(data);
  const came = names.join(', ') || 'no column';
  if (typeof asked === 'string') {
    if (names.includes(asked)) return asked;
    throw new DataError('column_missing', `expected the column "${asked}" that index_col names, got ${came}`);
  }
  const candidates = names.filter((name) => !inputs.includes(name));
  const byName = NAMES.map((name) => candidates.find((each) => each.toLowerCase() === name));
  const found = byName.find((name) => name !== undefined) ?? candidates.find((name) => name === usual);
  if (found !== undefined) return found;
  throw new DataError(
    'time_column_missing',
    `expected a column of timestamps (index_col names it, else ${[...new Set([...NAMES, usual])].join(', ')}), got ${came}`,
  );
}

/** Epoch ms of each value. @throws DataError timestamp_invalid, naming the first bad row (from 0) and its value */
export function parseTimestamps(values: readonly unknown[], name: string, format?: DateFormat): Float64Array {
  return Float64Array.from(values, (value, row) => {
    const text = typeof value === 'number' ? String(value) : value;
    const at = typeof text === 'string' ? parseTimestamp(text, format) : undefined;
    if (at !== undefined) return at;
    throw new DataError(
      'timestamp_invalid',
      `expected ${expectedTime(String(value))} in column "${name}", row ${row}, ` +
        `got ${JSON.stringify(value).slice(0, 80)}`,
    );
  });
}
