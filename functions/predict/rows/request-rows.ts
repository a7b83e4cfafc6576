import type { ModelInfo } from '@flts/model-runtime';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { inTimeOrder, repeatedRow, type SourceTable } from '../../shared/dataset/source-table.ts';
import { DataError } from '../../shared/errors.ts';
import { requireColumns, requiredColumns } from '../../shared/serving/prepare-rows.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { parseNumbers } from './cells.ts';
import { parseTimestamps, timeColumn, type RequestColumns } from './timestamps.ts';

/** Rows of a request, parsed; in time order, one a timestamp, as preprocess made them. */
export interface RequestRows {
  readonly table: SourceTable;
  /** Number (from 0) of the row that came with this time. */
  rowOf(at: number): number;
}

/** Known-future columns whose values nobody can derive. */
export function futureColumnNames({ roles, calendar }: Pick<ModelInfo, 'roles' | 'calendar'>): string[] {
  return roles.future.filter((name) => !calendar.features.includes(name));
}

/**
 * Columns may come in any order; those that the model does not know are left out.
 * @throws DataError time_column_missing, column_missing, timestamp_invalid, feature_count_mismatch, columns_differ,
 * column_not_numeric, rows_insufficient
 */
export function requestRows(
  data: RequestColumns,
  indexColumn: string | null | undefined,
  { model, meta }: ServedModel,
): RequestRows {
  const inputs = requiredColumns(model.info);
  const time = timeColumn(data, { asked: indexColumn, usual: meta.index_column, inputs });
  requireColumns(Object.keys(data), model.info, 'data');
  requireEqualLengths(data, time);
  const ts = parseTimestamps(data[time] ?? [], time, meta.date_format);
  if (ts.length === 0) throw new DataError('rows_insufficient', `expected at least 1 row in data, got none`);
  const values = Object.fromEntries(inputs.map((name) => [name, parseNumbers(data[name] ?? [], name)]));
  if (meta.duplicates === 'error') refuseRepeated(ts, time);
  return {
    table: inTimeOrder({ indexColumn: time, columns: inputs, ts, values }, meta.duplicates),
    rowOf: (at) => ts.lastIndexOf(at),
  };
}

function refuseRepeated(ts: Float64Array, time: string): void {
  const repeated = repeatedRow(ts);
  if (repeated === undefined) return;
  throw new DataError(
    'timestamp_invalid',
    `expected each time once in column "${time}", as in training (HANDLE_DUPLICATES=error), ` +
      `got ${isoTime(ts[repeated.row])} in rows ${repeated.first} and ${repeated.row}`,
  );
}

function requireEqualLengths(data: RequestColumns, time: string): void {
  const rows = data[time]?.length ?? 0;
  const other = Object.entries(data).find(([, values]) => values.length !== rows);
  if (other === undefined) return;
  throw new DataError(
    'columns_differ',
    `expected ${rows} values in each column, as many as in "${time}", got ${other[1].length} in "${other[0]}"`,
  );
}
