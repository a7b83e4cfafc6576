import type { StoredRows } from '../columns/row-table.ts';
import type { Spill } from '../columns/spill.ts';
import type { SourceRows } from '../steps/lay-rows.ts';
import { inTimeOrder, repeatedTime } from '../steps/time-order.ts';
import { repeatedTimeError, type CellPlace } from './cell-error.ts';
import type { Groups } from './groups.ts';
import type { SourceFile } from './source-file.ts';

/** A file's rows as they came. */
export interface ParsedRows {
  readonly rows: StoredRows;
  /** Name of the time column. */
  readonly indexColumn: string;
  /** Names of the numeric columns, in the file's order. */
  readonly columns: readonly string[];
  /** Where rows are grouped: by which column, whose values in `rows` are places in these. */
  readonly groups?: Groups | undefined;
  /** The cell that holds a row's time. */
  readonly timeOfRow: (row: number) => Promise<CellPlace>;
}

/**
 * The rows in time order, one a timestamp.
 * @throws DataError timestamp_invalid for the first repeated time where duplicates are an error
 */
export async function inOrder(
  { rows, indexColumn, columns, timeOfRow }: ParsedRows,
  { duplicates: rule }: Pick<SourceFile, 'duplicates'>,
  spill: Spill,
): Promise<SourceRows> {
  const repeated = rule === 'error' ? repeatedTime(spill, rows.ts) : undefined;
  if (repeated !== undefined) {
    const { where } = await timeOfRow(repeated.first);
    throw repeatedTimeError(await timeOfRow(repeated.row), where);
  }
  const { table, duplicates } = inTimeOrder(spill, rows, rule);
  return { ...table, indexColumn, columns, duplicates };
}
