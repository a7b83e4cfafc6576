import { DataError } from '../../shared/errors.ts';
import type { SourceFile } from '../source/source-file.ts';
import { parseEpoch, parseIso, parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { parseWrittenDate } from '../../shared/dataset/written-dates.ts';

const NAMES = ['ts', 'timestamp', 'time', 'date', 'datetime'];

/**
 * Which column holds the time: the one that is asked for; else by name; else the only one whose first values are
 * times as ISO 8601 has them, or, where none is, dates as people write them, or epochs, or dates of digits alone.
 * The column that groups rows is none. `sample` holds the first values by column. @throws DataError time_column_missing, naming the columns looked at
 */
export function findTimeColumn(
  names: readonly string[],
  source: Pick<SourceFile, 'place' | 'indexColumn' | 'groupColumn' | 'dateFormat'>,
  sample: readonly (readonly unknown[])[],
): number {
  const { place, indexColumn, groupColumn, dateFormat = '' } = source;
  if (indexColumn !== undefined) {
    const asked = names.indexOf(indexColumn);
    if (asked >= 0 && indexColumn !== groupColumn) return asked;
    throw missing(place, names, `the column "${indexColumn}" that INDEX_COLUMN names`);
  }
  const lower = names.map((name) => (name === groupColumn ? undefined : name.toLowerCase()));
  const byName = NAMES.map((name) => lower.indexOf(name)).find((index) => index >= 0);
  if (byName !== undefined) return byName;
  for (const parse of [parseIso, parseWrittenDate, parseEpoch, parseTimestamp]) {
    const read = (text: string): number | undefined => parse(text, dateFormat);
    const found = [...names.keys()].filter(
      (index) => lower[index] !== undefined && holdsTimes(sample[index] ?? [], read),
    );
    if (found.length === 1) return found[0] ?? 0;
    if (found.length > 1) break;
  }
  throw missing(place, names, `a time column (${NAMES.join(', ')}, or a single one that holds times)`);
}

function holdsTimes(values: readonly unknown[], parse: (text: string) => number | undefined): boolean {
  return (
    values.length > 0 &&
    values.every((value) => typeof value === 'string' && parse(value.trim()) !== undefined)
  );
}

function missing(place: string, names: readonly string[], expected: string): DataError {
  return new DataError(
    'time_column_missing',
    `expected ${expected} in ${place}, got the columns ${names.join(', ')}; INDEX_COLUMN names another`,
  );
}
