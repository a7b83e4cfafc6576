import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import { expectedTime } from '../../shared/dataset/timestamps.ts';
import { DataError } from '../../shared/errors.ts';

export interface CellPlace {
  /** bucket/key */
  readonly place: string;
  /** Like `line 7`; `row 7` where a format has no lines. */
  readonly where: string;
  readonly column: string;
  /** What is in the cell. */
  readonly text: string;
}

const EXPECTED = {
  column_not_numeric: () => `a finite number (of at most ${LARGEST_NUMBER})`,
  group_invalid: () => 'a value to group rows by',
  timestamp_invalid: expectedTime,
};

/** A cell that is not what its column holds. */
export function cellError(
  code: keyof typeof EXPECTED,
  cell: CellPlace,
  expected: string = EXPECTED[code](cell.text),
): DataError {
  const { place, where, column, text } = cell;
  return new DataError(
    code,
    `expected ${expected} in column "${column}" of ${place}, ${where}, got ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/** `first`: where the same time stands before. */
export function repeatedTimeError(cell: CellPlace, first: string): DataError {
  return cellError(
    'timestamp_invalid',
    cell,
    `each time once (HANDLE_DUPLICATES=error; ${first} has the same)`,
  );
}
