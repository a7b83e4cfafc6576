import { rm } from 'node:fs/promises';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import type { Understood } from '../shared/dataset/report.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { createSpill, type Spill } from './columns/spill.ts';
import { dataHash } from './output/data-hash.ts';
import { storeDataset, type StoredDataset } from './output/store.ts';
import { storedColumns } from './output/stored-columns.ts';
import type { Work } from './progress.ts';
import { reportOf } from './report/report.ts';
import { understoodOfDataset, warningsOf } from './report/understood.ts';
import type { DatasetIdentity } from './run-series.ts';
import type { Download } from './source/download.ts';
import { duplicateRule, inOrder, type ParsedRows } from './source/in-order.ts';
import { howToRead, parseSource, parseTestSource, placeOf } from './source/parse-sources.ts';
import type { Sources } from './source/sources.ts';
import { buildDataset, type DatasetRows, type ProcessedDataset } from './steps/dataset.ts';
import { loadHolidays } from './steps/holidays.ts';
import type { Source } from './steps/lay-rows.ts';
import { requireRows } from './steps/segments.ts';
import { inPortions } from './threads/run-work.ts';
import { createThreads, type Thread } from './threads/threads.ts';
import { emptyRooms } from './columns/rooms.ts';

/** Where rows come from, as meta.json tells it. */
export interface Origin extends Sources {
  /** Which rows of the files; undefined: all. */
  readonly group?: DatasetMeta['group'];
}

interface SourceWork extends DatasetIdentity {
  readonly storage: Storage;
  /** For temporary files. */
  readonly folder: string;
}

export interface Processing extends SourceWork {
  readonly spill: Spill;
  /** Other threads, which whoever made them ends. */
  readonly threads: readonly Thread[];
}

/**
 * Parses, cleans and stores an identifier's files. What is in memory depends on the number of columns, not on that of rows:
 * those are in temporary files, of which there are at most three times 8 bytes a cell.
 * @throws DataError as the formats' parse and buildDataset; columns_differ
 */
export async function processSources(sources: Sources, work: SourceWork): Promise<StoredDataset> {
  const spill = createSpill(work.folder);
  const helpers = createThreads();
  const processing = { ...work, spill, threads: helpers.threads };
  try {
    return await processTables(() => readSources(sources, processing), sources, processing);
  } finally {
    await helpers.close();
    spill.close();
  }
}

export interface Tables {
  readonly train: Source;
  readonly test: Source | undefined;
}

/** Of both files; what is said of both is said once. */
function understoodOf({ train, test }: Tables): Understood[] {
  const said = (source: Source | undefined) => source?.table.understood ?? [];
  const ofTest = said(test).map((each) => ({ ...each, says: `test file: ${each.says}` }));
  return [...said(train), ...ofTest];
}

/** Cleans and stores the rows that `read` gives. @throws DataError as buildDataset */
export async function processTables(
  read: () => Promise<Tables>,
  origin: Origin,
  processing: Processing,
): Promise<StoredDataset> {
  const { configuration, storage, folder, spill, tell } = processing;
  const settings = configuration.preprocess;
  const holidays = await loadHolidays(settings.HOLIDAYS_COUNTRY);
  const tables = await read();
  const threads = rowsOf(tables) < FEWEST_ROWS ? [] : processing.threads;
  try {
    let data_hash = '';
    const beside = function* (rows: DatasetRows): Work<void> {
      data_hash = yield* dataHash(storedColumns(rows));
    };
    const built = buildDataset(tables, settings, { spill, holidays, beside });
    const dataset = await inPortions(built, tell, { threads });
    emptyRooms();
    requireRows(dataset, configuration.claim, tables.train.place);
    const meta = datasetMetaOf(dataset, origin, { ...processing, dataHash: data_hash });
    const understood = [...understoodOf(tables), ...understoodOfDataset(dataset, settings)];
    const onRows = (rows: number): void => tell({ phase: 'write', share: rows / dataset.ts.length });
    // Made while the files are written, whose rows this thread hands over.
    const report = inPortions(reportOf(dataset, meta, understood), () => {}, { threads, leavesJobs: true });
    const content = { meta, report, columns: storedColumns(dataset) };
    const storing = storeDataset(storage, content, { folder, onRows });
    // Where one of them fails, the other still reads the rows.
    await Promise.allSettled([report, storing]);
    return { meta, sizes: await storing, warnings: warningsOf(understood) };
  } finally {
    emptyRooms();
  }
}

/** Of fewer rows the jobs are done before a thread has started. */
const FEWEST_ROWS = 50_000;

const rowsOf = ({ train, test }: Tables): number => train.table.ts.length + (test?.table.ts.length ?? 0);

/** Reads both files, each of which is gone afterwards. */
async function readSources(
  sources: Sources,
  { configuration, tell, spill, threads }: Processing,
): Promise<Tables> {
  const { HANDLE_DUPLICATES: duplicates } = configuration.preprocess;
  const ordered = async (source: Download, parsed: ParsedRows): Promise<Source> => {
    const table = await inOrder(parsed, { duplicates }, spill);
    await rm(source.file);
    return { place: placeOf(source), table };
  };
  const parsing = { spill, tell, threads };
  const how = howToRead(configuration.preprocess);
  const parsed = await parseSource(sources.train, how, parsing);
  const train = await ordered(sources.train, parsed);
  if (sources.test === undefined) return { train, test: undefined };
  const expected = { place: train.place, rows: parsed };
  const parsedTest = await parseTestSource(sources.test, expected, how, parsing);
  return { train, test: await ordered(sources.test, parsedTest) };
}

function datasetMetaOf(
  dataset: ProcessedDataset,
  { train, test, group }: Origin,
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
    ...(group === undefined ? {} : { group }),
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
    duplicates: duplicateRule(configuration.preprocess.HANDLE_DUPLICATES),
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
