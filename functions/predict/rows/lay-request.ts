import type { Columns, Frequency, Series } from '@flts/model-runtime';
import { clipColumns } from '../../shared/dataset/clip.ts';
import { imputeColumns } from '../../shared/dataset/impute.ts';
import type { DatasetMeta } from '../../shared/dataset/meta.ts';
import { asTheyCome, insertMissingRows, type GridRows } from '../../shared/dataset/regularise.ts';
import { resampleRows, type Resampling } from '../../shared/dataset/resample.ts';
import { describeMs, describeStep, isoTime, stepsBetween } from '../../shared/dataset/spacing.ts';
import { mapColumns, type SourceTable } from '../../shared/dataset/source-table.ts';
import { DataError } from '../../shared/errors.ts';
import { regularised } from '../../shared/serving/prepare-rows.ts';
import { concatenate, knownBefore, type Join } from './stored-rows.ts';
import type { RequestRows } from './request-rows.ts';

/**
 * The request's rows as preprocess would have laid them: resampled where it did, on the grid, with the rows that are
 * missing in between inserted; or, of a dataset with REGULARISE=off, as they come.
 * @throws DataError frequency_unknown, naming the row off the grid, or a gap too long to be filled; rows_insufficient where
 * they fill no interval
 */
export function layOnGrid(rows: RequestRows, frequency: Frequency, meta: DatasetMeta): GridRows {
  if (!regularised(meta)) return asTheyCome(rows.table);
  const most = rows.table.ts.length;
  if (meta.resampling === undefined) refuseOffGrid(rows, frequency);
  const table = meta.resampling === undefined ? rows.table : resampled(rows.table, meta.resampling);
  return insertMissingRows(table, { frequency, most, place: 'data' });
}

function resampled(table: SourceTable, resampling: Resampling): SourceTable {
  const intervals = resampleRows(table, resampling, { fromStart: true });
  if (intervals.ts.length > 0) return intervals;
  throw new DataError(
    'rows_insufficient',
    `expected rows up to the end of an interval of ${describeMs(resampling.stepMs)}, as in training, ` +
      `got rows up to ${isoTime(table.ts.at(-1))} alone`,
  );
}

function refuseOffGrid(rows: RequestRows, frequency: Frequency): void {
  const { ts } = rows.table;
  for (const [index, at] of ts.entries()) {
    const before = ts[Math.max(0, index - 1)] ?? at;
    if (stepsBetween(before, at, frequency) !== undefined) continue;
    throw new DataError(
      'frequency_unknown',
      `expected rows in steps of ${describeStep(frequency)}, as in training, got row ${rows.rowOf(at)} at ${isoTime(at)} after ${isoTime(before)}`,
    );
  }
}

/**
 * Clips values and fills missing cells as preprocess does, from the most recent known values; where stored rows join the first one,
 * theirs count as known. @throws DataError column_not_numeric where nothing is imputed (HANDLE_NANS=0)
 */
export function fillCells(
  { ts, values: raw, inserted }: GridRows,
  { imputation: { enabled, ...how }, clipping }: Pick<DatasetMeta, 'imputation' | 'clipping'>,
  join: { readonly series: Series; readonly join: Join } | undefined,
): Columns {
  const { values } = clipColumns(raw, clipping?.bounds ?? {});
  if (!hasMissing(values)) return values;
  if (!enabled) throw missingCell({ ts, values, inserted });
  const known =
    join && knownBefore(join.series, join.join, { names: Object.keys(values), neighbours: how.neighbours });
  const before = known?.ts.length ?? 0;
  const all = mapColumns(values, (column, name) => concatenate(known?.values[name], column));
  const filled = imputeColumns(all, concatenate(known?.ts, ts), how);
  return mapColumns(filled.values, (column) => column.subarray(before));
}

export function hasMissing(values: Columns): boolean {
  return Object.values(values).some((column) => column.includes(NaN));
}

function missingCell({ ts, values, inserted }: GridRows): DataError {
  const [name, column] = Object.entries(values).find(([, each]) => each.includes(NaN)) ?? [
    '',
    new Float64Array(),
  ];
  const row = column.findIndex(Number.isNaN);
  const at = isoTime(ts[row]);
  const got = inserted[row] === 1 ? `no row at ${at}` : `null in column "${name}" at ${at}`;
  return new DataError(
    'column_not_numeric',
    `expected no missing value, since this dataset was processed with HANDLE_NANS=0, got ${got}`,
  );
}
