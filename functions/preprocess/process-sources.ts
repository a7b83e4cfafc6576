import type { DuckDBConnection } from '@duckdb/node-api';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import type { DuplicateRule } from '../shared/dataset/rules.ts';
import { DataError } from '../shared/errors.ts';
import type { Storage } from '../shared/storage/storage.ts';
import type { Configuration } from './configuration.ts';
import { headerOf, readCsv } from './csv/read-csv.ts';
import type { CsvSource } from './csv/source.ts';
import { buildDataset, type ProcessedDataset } from './steps/dataset.ts';
import type { Source } from './steps/lay-rows.ts';
import type { Download } from './source/download.ts';
import { requireRows } from './steps/segments.ts';
import type { Sources } from './source/sources.ts';
import { reportOf } from './report/report.ts';
import { storeDataset, type StoredDataset } from './output/store.ts';
import { dataHash, storedColumns } from './output/stored-columns.ts';

export interface Processing {
  readonly identifier: string;
  readonly hash: string;
  /** The canonical object that `hash` is the hash of. */
  readonly config: Record<string, unknown>;
  readonly configuration: Configuration;
  readonly storage: Storage;
  readonly connection: DuckDBConnection;
  /** For temporary files. */
  readonly folder: string;
}

/** Parses, cleans and stores an identifier's files. @throws DataError as readCsv and buildDataset; columns_differ */
export async function processSources(sources: Sources, processing: Processing): Promise<StoredDataset> {
  const { connection, configuration, storage, folder } = processing;
  const settings = configuration.preprocess;
  const { HANDLE_DUPLICATES: duplicates } = settings;
  const indexColumn = settings.INDEX_COLUMN || undefined;
  const train = await readSource(connection, sources.train, { indexColumn, duplicates });
  const test = sources.test && (await readTestSource(connection, sources.test, train, duplicates));
  const dataset = buildDataset(train, test, settings);
  requireRows(dataset.segments, configuration.claim, train.place);
  const columns = storedColumns(dataset);
  const meta = datasetMetaOf(dataset, sources, { ...processing, dataHash: dataHash(columns) });
  const report = reportOf(dataset, meta);
  const sizes = await storeDataset(storage, connection, { meta, report, dataset, columns, folder });
  return { meta, sizes };
}

const placeOf = ({ bucket, key }: Download): string => `${bucket}/${key}`;

async function readSource(
  connection: DuckDBConnection,
  source: Download,
  how: Pick<CsvSource, 'indexColumn' | 'duplicates'>,
): Promise<Source> {
  const place = placeOf(source);
  return { place, table: await readCsv(connection, { file: source.file, place, ...how }) };
}

/** Reads the test file, whose columns are those of the training file in any order. */
async function readTestSource(
  connection: DuckDBConnection,
  source: Download,
  train: Source,
  duplicates: DuplicateRule,
): Promise<Source> {
  const { columns, indexColumn } = train.table;
  const place = placeOf(source);
  const { names } = await headerOf({ file: source.file, place });
  const expected = [indexColumn, ...columns];
  const missing = expected.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !expected.includes(name));
  if (missing.length > 0 || extra.length > 0)
    throw new DataError(
      'columns_differ',
      `expected the columns of ${train.place} in ${place} (${expected.join(', ')}), got ${[
        ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
        ...(extra.length > 0 ? [`${extra.join(', ')} besides`] : []),
      ].join(' and ')}`,
    );
  return readSource(connection, source, { indexColumn, duplicates });
}

function datasetMetaOf(
  dataset: ProcessedDataset,
  { train, test }: Sources,
  { identifier, hash, config, configuration, dataHash: data_hash }: Processing & { dataHash: string },
): DatasetMeta {
  const { segments, counts, roles, calendar, frequency, imputation, clipping, resampling } = dataset;
  const described = ({ bucket, key, etag, size }: Download) => ({ bucket, object: key, etag, size });
  return {
    v: 1,
    identifier,
    config_hash: hash,
    config,
    source: described(train),
    test_source: test === undefined ? null : described(test),
    data_hash,
    rows: {
      train: segments.test.start,
      test: segments.test.end - segments.test.start,
      inserted: counts.inserted,
      dropped: counts.dropped,
      duplicates: counts.duplicates,
      imputed_cells: counts.imputedCells,
    },
    index_column: dataset.indexColumn,
    roles: { targets: [...roles.targets], past: [...roles.past], future: [...roles.future] },
    calendar: { timeZone: calendar.timeZone, features: [...calendar.features] },
    frequency: { ...frequency },
    seasonal_periods: [...dataset.seasonalPeriods],
    segments,
    scaler: { ...dataset.scaler, columns: { ...dataset.scaler.columns } },
    imputation: { ...imputation, means: { ...imputation.means } },
    ...(Object.keys(clipping.bounds).length === 0 ? {} : { clipping: clippingMeta(clipping) }),
    duplicates: configuration.preprocess.HANDLE_DUPLICATES,
    ...(resampling === undefined
      ? {}
      : { resampling: { ...resampling, methods: { ...resampling.methods } } }),
  };
}

function clippingMeta({ bounds, clipped }: ProcessedDataset['clipping']): DatasetMeta['clipping'] {
  return { bounds: { ...bounds }, cells: Object.values(clipped).reduce((sum, cells) => sum + cells, 0) };
}
