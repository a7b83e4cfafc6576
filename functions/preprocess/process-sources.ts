import { rm } from 'node:fs/promises';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import { DataError } from '../shared/errors.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { createSpill, type Spill } from './columns/spill.ts';
import type { Configuration } from './configuration.ts';
import { buildDataset, type ProcessedDataset } from './steps/dataset.ts';
import { loadHolidays } from './steps/holidays.ts';
import type { Source } from './steps/lay-rows.ts';
import type { Download } from './source/download.ts';
import { formatOfKey } from './source/format.ts';
import { FORMATS } from './source/formats.ts';
import { inOrder } from './source/in-order.ts';
import type { SourceFile } from './source/source-file.ts';
import { requireRows } from './steps/segments.ts';
import type { Sources } from './source/sources.ts';
import { inPortions, type Tell } from './progress.ts';
import { reportOf } from './report/report.ts';
import { storeDataset, type StoredDataset } from './output/store.ts';
import { dataHash } from './output/data-hash.ts';
import { storedColumns } from './output/stored-columns.ts';

export interface Processing {
  readonly identifier: string;
  readonly hash: string;
  /** The canonical object that `hash` is the hash of. */
  readonly config: Record<string, unknown>;
  readonly configuration: Configuration;
  readonly storage: Storage;
  /** For temporary files. */
  readonly folder: string;
  readonly tell: Tell;
}

/**
 * Parses, cleans and stores an identifier's files. What is in memory depends on the number of columns, not on that of rows:
 * those are in temporary files, of which there are at most three times 8 bytes a cell.
 * @throws DataError as the formats' parse and buildDataset; columns_differ
 */
export async function processSources(sources: Sources, processing: Processing): Promise<StoredDataset> {
  const spill = createSpill(processing.folder);
  try {
    return await process(sources, processing, spill);
  } finally {
    spill.close();
  }
}

async function process(sources: Sources, processing: Processing, spill: Spill): Promise<StoredDataset> {
  const { configuration, storage, folder, tell } = processing;
  const settings = configuration.preprocess;
  const { HANDLE_DUPLICATES: duplicates, DATE_FORMAT: dateFormat } = settings;
  const indexColumn = settings.INDEX_COLUMN || undefined;
  const holidays = await loadHolidays(settings.HOLIDAYS_COUNTRY);
  const reading: Reading = { spill, tell };
  const train = await readSource(sources.train, { indexColumn, duplicates, dateFormat }, reading);
  const test =
    sources.test && (await readTestSource(sources.test, { train, duplicates, dateFormat }, reading));
  const dataset = await inPortions(buildDataset({ train, test }, settings, { spill, holidays }), tell);
  requireRows(dataset, configuration.claim, train.place);
  const columns = storedColumns(dataset);
  const data_hash = await inPortions(dataHash(columns), tell);
  const meta = datasetMetaOf(dataset, sources, { ...processing, dataHash: data_hash });
  const report = await inPortions(reportOf(dataset, meta), tell);
  const onRows = (rows: number): void => tell({ phase: 'write', share: rows / dataset.ts.length });
  const sizes = await storeDataset(storage, { meta, report, columns }, { folder, onRows });
  return { meta, sizes };
}

interface Reading {
  readonly spill: Spill;
  readonly tell: Tell;
}

type How = Pick<SourceFile, 'indexColumn' | 'duplicates' | 'dateFormat'>;

function fileOf({ file, bucket, key }: Download, how: How): SourceFile {
  return { file, place: `${bucket}/${key}`, ...how };
}

/** Reads a file, which is gone afterwards. */
async function readSource(source: Download, how: How, { spill, tell }: Reading): Promise<Source> {
  const file = fileOf(source, how);
  const onRows = (rows: number, share: number): void => tell({ phase: 'read', share, rows });
  const parsed = await FORMATS[formatOfKey(source.key)].parse(file, { spill, onRows });
  const table = await inOrder(parsed, file, spill);
  await rm(source.file);
  return { place: file.place, table };
}

/** Reads the test file, whose columns are those of the training file in any order; its format may be another. */
async function readTestSource(
  source: Download,
  { train, ...given }: { readonly train: Source } & Omit<How, 'indexColumn'>,
  reading: Reading,
): Promise<Source> {
  const { columns, indexColumn } = train.table;
  const how = { indexColumn, ...given };
  const names = await FORMATS[formatOfKey(source.key)].columns(fileOf(source, how));
  const expected = [indexColumn, ...columns];
  const missing = expected.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !expected.includes(name));
  if (missing.length > 0 || extra.length > 0)
    throw new DataError(
      'columns_differ',
      `expected the columns of ${train.place} in ${source.bucket}/${source.key} (${expected.join(', ')}), got ${[
        ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
        ...(extra.length > 0 ? [`${extra.join(', ')} besides`] : []),
      ].join(' and ')}`,
    );
  return readSource(source, how, reading);
}

function datasetMetaOf(
  dataset: ProcessedDataset,
  { train, test }: Sources,
  { identifier, hash, config, configuration, dataHash: data_hash }: Processing & { dataHash: string },
): DatasetMeta {
  const { segments, counts, roles, calendar, history, frequency, imputation, clipping, resampling } = dataset;
  const { DATE_FORMAT: date_format } = configuration.preprocess;
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
    calendar: calendarMeta(calendar),
    ...(history === undefined ? {} : { history: { lags: [...history.lags], means: [...history.means] } }),
    frequency: { ...frequency },
    seasonal_periods: [...dataset.seasonalPeriods],
    segments,
    scaler: { ...dataset.scaler, columns: { ...dataset.scaler.columns } },
    imputation: { ...imputation, means: { ...imputation.means } },
    ...(Object.keys(clipping.bounds).length === 0 ? {} : { clipping: clippingMeta(clipping) }),
    duplicates: configuration.preprocess.HANDLE_DUPLICATES,
    ...(date_format === '' ? {} : { date_format }),
    ...(resampling === undefined
      ? {}
      : { resampling: { ...resampling, methods: { ...resampling.methods } } }),
  };
}

function clippingMeta({ bounds, clipped }: ProcessedDataset['clipping']): DatasetMeta['clipping'] {
  return { bounds: { ...bounds }, cells: Object.values(clipped).reduce((sum, cells) => sum + cells, 0) };
}

function calendarMeta({
  timeZone,
  features,
  holidays,
}: ProcessedDataset['calendar']): DatasetMeta['calendar'] {
  return { timeZone, features: [...features], ...(holidays && { holidays: [...holidays] }) };
}
