import {
  calendarColumns,
  givenNames,
  historyColumns,
  type Columns,
  type ModelInfo,
  type Series,
} from '@flts/model-runtime';
import { clipColumns } from '../dataset/clip.ts';
import { imputeColumns } from '../dataset/impute.ts';
import type { DatasetMeta } from '../dataset/meta.ts';
import { asTheyCome, insertMissingRows, numberBlocks } from '../dataset/regularise.ts';
import { resampleRows } from '../dataset/resample.ts';
import { mapColumns, type SourceTable } from '../dataset/source-table.ts';
import { DataError } from '../errors.ts';

export interface PreparedFor {
  readonly info: ModelInfo;
  /** Of the dataset that the model was trained on. */
  readonly meta: DatasetMeta;
  /** bucket/key, or what the rows are called, for errors. */
  readonly place: string;
}

/** The columns that rows from outside must bring: every input but those that are derived. */
export function requiredColumns(info: ModelInfo): string[] {
  return givenNames(info);
}

/**
 * Model inputs with those that are derived from the calendar and from the targets, as preprocess derives them. Rows without
 * `block` follow each other; the first ones look back on fewer rows, so forecasts ask for more of them than they use.
 */
export function withDerived(
  { ts, columns, block }: Pick<Series, 'ts' | 'columns'> & { readonly block?: Int32Array },
  { calendar, history, roles: { targets } }: ModelInfo,
): Columns {
  const past = historyColumns(columns, { targets, history, ...(block && { block }) });
  return { ...columns, ...past, ...calendarColumns(ts, calendar) };
}

/** @throws DataError feature_count_mismatch, naming the columns that are missing */
export function requireColumns(names: readonly string[], info: ModelInfo, place: string): void {
  const required = requiredColumns(info);
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  throw new DataError(
    'feature_count_mismatch',
    `expected the ${required.length} columns ${required.join(', ')} in ${place}, got none named ${missing.join(', ')}`,
  );
}

/**
 * Rows from outside the pipeline, cleaned and derived as the model's training rows were: resampled, missing rows inserted unless
 * REGULARISE was off, values clipped, missing cells imputed, derived columns made. `actual` holds the targets as they came.
 * @throws DataError feature_count_mismatch, column_not_numeric (a missing cell where HANDLE_NANS was off), frequency_unknown
 */
export function prepareRows(table: SourceTable, { info, meta, place }: PreparedFor): Series {
  requireColumns(table.columns, info, place);
  const { frequency } = info;
  const strict = regularised(meta);
  const most = Math.max(1, table.ts.length);
  const source = meta.resampling ? resampleRows(table, meta.resampling, { fromStart: true }) : table;
  const rows = strict ? insertMissingRows(source, { frequency, most, place }) : asTheyCome(source);
  const used = Object.fromEntries(
    requiredColumns(info).map((name) => [name, rows.values[name] ?? new Float64Array()]),
  );
  const block = numberBlocks(rows.ts, { frequency, strict, breaks: new Uint8Array(rows.ts.length) });
  const clipped = clipColumns(used, meta.clipping?.bounds ?? {}).values;
  const filled = impute(clipped, rows.ts, { meta, place });
  const columns = withDerived({ ts: rows.ts, columns: filled, block }, info);
  return { ts: rows.ts, block, columns, actual: pick(used, info.roles.targets) };
}

/** Whether the dataset's rows lie on a grid. */
export function regularised({ config }: DatasetMeta): boolean {
  const settings = config['settings'];
  return !(
    typeof settings === 'object' &&
    settings !== null &&
    Reflect.get(settings, 'REGULARISE') === 'off'
  );
}

function impute(
  columns: Columns,
  ts: Float64Array,
  { meta, place }: { meta: DatasetMeta; place: string },
): Columns {
  const { enabled, ...how } = meta.imputation;
  if (enabled) return imputeColumns(columns, ts, how).values;
  return mapColumns(columns, (values, name) => {
    const missing = values.findIndex((value) => Number.isNaN(value));
    if (missing < 0) return values;
    throw new DataError(
      'column_not_numeric',
      `expected a number in every cell of "${name}" in ${place} (HANDLE_NANS is 0), got none in row ${missing}`,
    );
  });
}

function pick(columns: Columns, names: readonly string[]): Columns {
  return Object.fromEntries(names.map((name) => [name, columns[name] ?? new Float64Array()]));
}
