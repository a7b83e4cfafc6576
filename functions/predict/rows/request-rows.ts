import type { ModelInfo } from '@flts/model-runtime';
import { inTimeOrder, type SourceTable } from '../../shared/dataset/source-table.ts';
import { DataError } from '../../shared/errors.ts';
import { requireColumns, requiredColumns } from '../../shared/serving/prepare-rows.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { parseNumbers } from './cells.ts';
import { parseTimestamps, timeColumn, type RequestColumns } from './timestamps.ts';

/** Rows of a request, parsed; in time order, one a timestamp (the last that came). */
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
  const ts = parseTimestamps(data[time] ?? [], time);
  if (ts.length === 0) throw new DataError('rows_insufficient', `expected at least 1 row in data, got none`);
  const values = Object.fromEntries(inputs.map((name) => [name, parseNumbers(data[name] ?? [], name)]));
  return {
    table: inTimeOrder({ indexColumn: time, columns: inputs, ts, values }),
    rowOf: (at) => ts.lastIndexOf(at),
  };
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
