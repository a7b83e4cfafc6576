import type { Columns, Series } from '@flts/model-runtime';
import { numberBlocks } from '../../shared/dataset/regularise.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { mapColumns } from '../../shared/dataset/source-table.ts';
import { DataError } from '../../shared/errors.ts';
import { regularised, withDerived } from '../../shared/serving/prepare-rows.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { fillCells, hasMissing, layOnGrid } from './lay-request.ts';
import type { RequestRows } from './request-rows.ts';
import { concatenate, joinAt, rowsInBlock, sliceRows, type Join } from './stored-rows.ts';

/** Rows that a forecast goes on from, newest last, with every model input; original units. */
export type Context = Pick<Series, 'ts' | 'columns'>;

/** The stored rows of the dataset that the model was trained on. */
export type LoadStored = () => Promise<Series>;

/**
 * The rows of a request as the model's context: laid, filled and completed with stored rows that join them.
 * @throws DataError frequency_unknown, column_not_numeric, rows_insufficient
 */
export async function requestContext(
  rows: RequestRows,
  { model, meta }: ServedModel,
  loadStored: LoadStored,
): Promise<Context> {
  const { frequency, contextRows } = model.info;
  const strict = regularised(meta);
  const laid = layOnGrid(rows, frequency, meta);
  const own = lastBlock(laid.ts, { frequency, strict });
  const needed = Math.max(1, contextRows);
  const short = needed - own;
  const first = laid.ts[0] ?? 0;
  const stored = short > 0 || hasMissing(laid.values) ? await loadStored() : undefined;
  const join = stored && joinAt(stored, first, { frequency, strict });
  const joined = stored && join && { series: stored, join };
  const values = fillCells(laid, meta, joined);
  const request = sliceRows({ ts: laid.ts, columns: values }, laid.ts.length - 1, Math.min(own, needed));
  // Stored rows join the first row of all: they cannot fill up what a gap cut off.
  const before = short > 0 ? completion(joined, { short, whole: own === laid.ts.length }) : undefined;
  if (short > (before?.ts.length ?? 0)) throw tooFew({ needed, own, before: before?.ts.length ?? 0, first });
  const ts = concatenate(before?.ts, request.ts);
  return { ts, columns: withDerived({ ts, columns: prepend(before, request.columns) }, model.info) };
}

/** The newest stored rows as context. @throws DataError rows_insufficient */
export function newestContext(series: Series, { model }: ServedModel): Context {
  const needed = Math.max(1, model.info.contextRows);
  const last = series.ts.length - 1;
  const rows = rowsInBlock(series, last, needed);
  if (rows < needed)
    throw new DataError(
      'rows_insufficient',
      `expected ${needed} stored rows that follow each other up to the newest, at ${isoTime(series.ts[last])}, ` +
        `got ${rows}; a request may bring rows as data`,
    );
  return sliceRows(series, last, rows);
}

/** Rows of the last block. */
function lastBlock(
  ts: Float64Array,
  spacing: { frequency: ServedModel['model']['info']['frequency']; strict: boolean },
): number {
  const block = numberBlocks(ts, { ...spacing, breaks: new Uint8Array(ts.length) });
  return rowsInBlock({ block }, ts.length - 1, ts.length);
}

function completion(
  joined: { series: Series; join: Join } | undefined,
  { short, whole }: { short: number; whole: boolean },
): Context | undefined {
  if (joined === undefined || !whole) return undefined;
  const { series, join } = joined;
  return sliceRows(series, join.row, rowsInBlock(series, join.row, short));
}

function prepend(before: Context | undefined, columns: Columns): Columns {
  if (before === undefined) return columns;
  return mapColumns(columns, (values, name) => concatenate(before.columns[name], values));
}

function tooFew(of: { needed: number; own: number; before: number; first: number }): DataError {
  const { needed, own, before, first } = of;
  return new DataError(
    'rows_insufficient',
    `expected ${needed} rows that follow each other, got ${own}, and ${before} stored rows that join them ` +
      `(the first is at ${isoTime(first)})`,
  );
}
