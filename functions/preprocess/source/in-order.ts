import type { DuplicateRule, DuplicateSetting } from '../../shared/dataset/rules.ts';
import type { Understood } from '../../shared/dataset/report.ts';
import { DataError } from '../../shared/errors.ts';
import type { StoredRows } from '../columns/row-table.ts';
import type { DecimalSign } from '../csv/written-number.ts';
import type { Spill } from '../columns/spill.ts';
import type { SourceRows } from '../steps/lay-rows.ts';
import { describeRepeats, type Repeats } from '../steps/repeats.ts';
import { onePerTimestamp, repeatedTime, sortedByTime, type SortedRows } from '../steps/time-order.ts';
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
  /** Names of columns of text whose values `rows` numbers, so that rows can be told apart by them. */
  readonly labels?: readonly string[] | undefined;
  /** Names of the file's columns that are in neither. */
  readonly leftOut?: readonly string[] | undefined;
  /** Decimal signs of the columns whose file has one. */
  readonly decimals?: Readonly<Record<string, DecimalSign>> | undefined;
  /** Where rows are grouped: by which column, whose values in `rows` are places in these. */
  readonly groups?: Groups | undefined;
  /** What was inferred or repaired so far. */
  readonly understood?: readonly Understood[] | undefined;
  /** The cell that holds a row's time. */
  readonly timeOfRow: (row: number) => Promise<CellPlace>;
}

/** Share of the rows that may go where nobody said which of those with the same time stays. */
const MOST_CONFLICTING = 0.05;

export const duplicateRule = (setting: DuplicateSetting = 'auto'): DuplicateRule =>
  setting === 'auto' ? 'last' : setting;

/**
 * The rows in time order, one a timestamp.
 * @throws DataError timestamp_invalid for the first repeated time where duplicates are an error
 */
export async function inOrder(
  parsed: ParsedRows,
  { duplicates: setting = 'auto' }: Pick<SourceFile, 'duplicates'>,
  spill: Spill,
): Promise<SourceRows> {
  const { rows, indexColumn, columns, understood = [] } = parsed;
  const sorting = sortedByTime(spill, rows);
  const repeats = sorting.isOnePerTime
    ? undefined
    : await allowedRepeats(parsed, { setting, sorting }, spill);
  const { table, duplicates } = onePerTimestamp(spill, sorting, duplicateRule(setting));
  if (sorting.sorted !== rows) rows.close();
  const values = Object.fromEntries(columns.flatMap((name) => named(name, table.values[name])));
  return {
    ...table,
    values,
    indexColumn,
    columns,
    duplicates,
    understood: [...understood, ...(repeats === undefined ? [] : toldOf(repeats, duplicateRule(setting)))],
  };
}

function named<T>(name: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[name, value]];
}

/** What there is of repeated times. @throws DataError timestamp_invalid where the setting does not allow them */
async function allowedRepeats(
  { rows, labels = [], leftOut = [], timeOfRow }: ParsedRows,
  { setting, sorting }: { readonly setting: DuplicateSetting; readonly sorting: SortedRows },
  spill: Spill,
): Promise<Repeats> {
  const repeats = describeRepeats(sorting.sorted);
  const label = repeats.tellApart.find((name) => labels.includes(name));
  const isMany = repeats.conflicting > MOST_CONFLICTING * rows.ts.length;
  const isRefused = setting === 'auto' && repeats.conflicting > 0 && (isMany || label !== undefined);
  if (!isRefused && setting !== 'error') return repeats;
  const found = repeatedTime(spill, rows.ts);
  if (found === undefined) throw new TypeError('expected a time that comes again, got none');
  const [cell, { where }] = [await timeOfRow(found.row), await timeOfRow(found.first)];
  if (setting === 'error') throw repeatedTimeError(cell, where);
  const lost = `${repeats.conflicting} of ${rows.ts.length} rows would be lost`;
  throw new DataError(
    'timestamp_invalid',
    `expected each time once in column "${cell.column}" of ${cell.place}, got ${JSON.stringify(cell.text.slice(0, 80))} in ${cell.where} ` +
      `and, with other values, in ${where}: ${lost}. ${groupAdvice(label ?? repeats.tellApart[0], leftOut)}` +
      'HANDLE_DUPLICATES=last or mean takes one row a time',
  );
}

function groupAdvice(candidate: string | undefined, leftOut: readonly string[]): string {
  if (candidate !== undefined)
    return `There seem to be several series: GROUP_COLUMN=${candidate} makes one of each value of "${candidate}"; `;
  const others = leftOut.length === 0 ? '' : `, maybe one of ${leftOut.join(', ')}`;
  return `Where there are several series, GROUP_COLUMN names the column that tells them apart${others}; `;
}

const TAKEN: Readonly<Record<DuplicateRule, string>> = {
  last: 'the last of the file was taken',
  mean: 'the mean of each column was taken',
  error: 'none was taken',
};

function toldOf({ exact, conflicting }: Repeats, rule: DuplicateRule): Understood[] {
  const told: Understood[] = [];
  if (exact > 0)
    told.push({
      about: 'duplicates',
      says: `${exact} rows that repeat another were left out`,
      isSerious: true,
    });
  if (conflicting > 0)
    told.push({
      about: 'duplicates',
      says: `${conflicting} rows have the time of another and other values: of each time ${TAKEN[rule]} (HANDLE_DUPLICATES)`,
      isSerious: true,
    });
  return told;
}
