import { DataError } from '../../shared/errors.ts';
import type { SourceFile } from './source-file.ts';

/** Each is a data set of its own, with its own models; more of them are rather a column that tells rows apart. */
export const MOST_GROUPS = 1000;

/** Of the rows of a file: which column tells what series they belong to, and what it holds. */
export interface Groups {
  readonly column: string;
  /** In the order in which they come first. */
  readonly values: readonly string[];
}

export interface GroupReader extends Groups {
  /** Place in `values` of what a cell holds, without spaces around it; undefined where it holds nothing. @throws DataError group_invalid */
  readonly placeOf: (text: string) => number | undefined;
}

/** Numbers the values of a column in the order in which they come first. */
export function createLabels(): GroupReader['placeOf'] {
  const places = new Map<string, number>();
  return (text) => {
    const value = text.trim();
    if (value === '') return undefined;
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    return place;
  };
}

/** Numbers the values of GROUP_COLUMN; undefined where none is named. @throws DataError column_missing */
export function createGroups(
  { place, groupColumn: column }: Pick<SourceFile, 'place' | 'groupColumn'>,
  names: readonly string[],
): GroupReader | undefined {
  if (column === undefined) return undefined;
  if (!names.includes(column))
    throw new DataError(
      'column_missing',
      `expected the column "${column}" that GROUP_COLUMN names in ${place}, got the columns ${names.join(', ')}`,
    );
  const places = new Map<string, number>();
  const values: string[] = [];
  const placeOf = (text: string): number | undefined => {
    const value = text.trim();
    const known = places.get(value);
    if (known !== undefined || value === '') return known;
    if (values.length === MOST_GROUPS)
      throw new DataError(
        'group_invalid',
        `expected at most ${MOST_GROUPS} values in column "${column}" of ${place}, got more, such as ${JSON.stringify(value.slice(0, 80))}`,
      );
    places.set(value, values.length);
    return values.push(value) - 1;
  };
  return { column, values, placeOf };
}
