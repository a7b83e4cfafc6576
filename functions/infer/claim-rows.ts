import type { DuckDBConnection } from '@duckdb/node-api';
import type { RowRange, Series } from '@flts/model-runtime';
import { loadMeta } from '../shared/dataset/load.ts';
import { quote, withLocalCopy } from '../shared/dataset/reader.ts';
import { inTimeOrder, type SourceTable } from '../shared/dataset/source-table.ts';
import { DataError } from '../shared/errors.ts';
import { testKey, trainKey } from '../shared/keys.ts';
import { prepareRows, requireColumns, requiredColumns, withDerived } from '../shared/serving/prepare-rows.ts';
import type { RunModel } from '../shared/serving/run-model.ts';
import type { StoredSeries } from '../shared/serving/stored-series.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import type { ForecastClaim } from './schema.ts';

/** What a claim is on. */
export interface ClaimRows {
  /** The claim's rows, and before them those that join them. */
  readonly series: Series;
  readonly rows: RowRange;
}

export interface ReadFor {
  readonly model: RunModel;
  /** Of the dataset that the model was trained on. */
  readonly meta: DatasetMeta;
}

/**
 * The rows of a claim's object: a part of a processed dataset, with the rows before it as context, or any Parquet
 * file with a timestamp column and the model's columns.
 * @throws DataError object_not_found, feature_count_mismatch, time_column_missing, file_unreadable
 */
export async function readClaimRows(
  claim: ForecastClaim,
  readFor: ReadFor,
  storage: Storage,
  stored: StoredSeries,
): Promise<ClaimRows> {
  const { identifier, config_hash, bucket, object } = claim;
  const isTest = object === testKey(identifier, config_hash);
  if (bucket === BUCKETS.processed && (isTest || object === trainKey(identifier, config_hash))) {
    const { segments } = await loadMeta(storage, identifier, config_hash);
    const series = await stored.of(identifier, config_hash);
    const boundary = segments.test.start;
    const rows = isTest ? { start: boundary, end: series.ts.length } : { start: 0, end: boundary };
    return { series: forModel(series, readFor.model, `${bucket}/${object}`), rows };
  }
  const series = await readAnyParquet(storage, { bucket, key: object }, readFor);
  return { series, rows: { start: 0, end: series.ts.length } };
}

/** Another upload's rows may lack the model's columns, count their calendar in another time zone, or have other lags. */
function forModel(series: Series, { info }: RunModel, place: string): Series {
  requireColumns(Object.keys(series.columns), info, place);
  const columns = withDerived(series, info);
  const actual = Object.fromEntries(
    info.roles.targets.map((name) => [
      name,
      series.actual[name] ?? new Float64Array(series.ts.length).fill(Number.NaN),
    ]),
  );
  return { ...series, columns, actual };
}

async function readAnyParquet(
  storage: Storage,
  object: { bucket: string; key: string },
  { model, meta }: ReadFor,
): Promise<Series> {
  const place = `${object.bucket}/${object.key}`;
  const table = await withLocalCopy(storage, object, (connection, file) =>
    readTable(connection, file, {
      place,
      indexColumn: meta.index_column,
      names: requiredColumns(model.info),
      duplicates: meta.duplicates,
    }),
  );
  if (table.ts.length === 0) throw new DataError('file_header_only', `expected rows in ${place}, got none`);
  return prepareRows(table, { info: model.info, meta, place });
}

interface TableOf {
  readonly place: string;
  readonly indexColumn: string;
  readonly names: readonly string[];
  /** What the training rows of one timestamp became; the last where nothing is said. */
  readonly duplicates: DatasetMeta['duplicates'];
}

const TIME_NAMES = ['ts', 'timestamp', 'time', 'date'];

async function readTable(
  connection: DuckDBConnection,
  file: string,
  { place, indexColumn, names, duplicates }: TableOf,
): Promise<SourceTable> {
  const from = `read_parquet('${file.replaceAll("'", "''")}')`;
  const types = await columnTypes(connection, from, place);
  const time = [...TIME_NAMES, indexColumn].find((name) => types.has(name));
  if (time === undefined || !/^(?:TIMESTAMP|DATE)/u.test(types.get(time) ?? ''))
    throw new DataError(
      'time_column_missing',
      `expected a TIMESTAMP column ${[...TIME_NAMES, indexColumn].join(', ')} in ${place}, got ${[...types].map((each) => each.join(' ')).join(', ')}`,
    );
  const present = names.filter((name) => types.has(name));
  const cells = present.map((name) => `coalesce(try_cast(${quote(name)} AS DOUBLE), 'nan'::DOUBLE)`);
  const result = await connection.runAndReadAll(
    `SELECT ${[`epoch_ms(${quote(time)}::TIMESTAMP)::DOUBLE`, ...cells].join(', ')} FROM ${from} WHERE ${quote(time)} IS NOT NULL`,
  );
  const columns = result.getColumns().map((values) => Float64Array.from(values, Number));
  const values = Object.fromEntries(
    present.map((name, index) => [name, columns[index + 1] ?? new Float64Array()]),
  );
  const table = { indexColumn: time, columns: present, ts: columns[0] ?? new Float64Array(), values };
  return inTimeOrder(table, duplicates);
}

async function columnTypes(
  connection: DuckDBConnection,
  from: string,
  place: string,
): Promise<Map<string, string>> {
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const entries = described
      .getRowsJson()
      .flatMap(([name, type]) =>
        typeof name === 'string' && typeof type === 'string' ? [[name, type] as const] : [],
      );
    return new Map(entries);
  } catch (cause) {
    throw new DataError('file_unreadable', `expected a Parquet file at ${place}, got something else`, {
      cause,
    });
  }
}
