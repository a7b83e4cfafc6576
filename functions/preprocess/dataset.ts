import type { Calendar, Columns, Frequency, Roles, Scaler, Segments } from '@flts/model-runtime';
import { deriveCalendar, scalerOf } from './derived.ts';
import { dropSparseRows, fitMeans, imputeColumns, type KeptRows } from './cleaning.ts';
import { frequencyOf } from './frequency.ts';
import type { PreprocessSettings } from '../shared/settings.ts';
import { DataError } from '../shared/errors.ts';
import { asTheyCome, insertMissingRows, joinRows, numberBlocks, type GridRows } from './regularise.ts';
import { assignRoles, refuseReserved } from './roles.ts';
import { sampleRows } from './sampling.ts';
import { detectSeasons, longestStretch } from './seasons.ts';
import { cutTimes, segmentsOf, sharesInForce, type Cuts } from './segments.ts';
import { isoTime } from './frequency.ts';
import type { SourceTable } from './source-table.ts';

/** Everything that the processed files hold, in original units; one entry a row, train rows before test rows. */
export interface ProcessedDataset {
  readonly ts: Float64Array;
  readonly block: Int32Array;
  /** 1 for rows that the source does not have. */
  readonly inserted: Uint8Array;
  /** Model inputs, finite. */
  readonly columns: Columns;
  /** The truth of each target as it came; NaN where it was missing. */
  readonly actual: Columns;
  readonly indexColumn: string;
  readonly roles: Roles;
  readonly calendar: Calendar;
  readonly frequency: Frequency;
  readonly seasonalPeriods: readonly number[];
  readonly segments: Segments;
  readonly scaler: Scaler;
  readonly imputation: {
    readonly enabled: boolean;
    readonly neighbours: number;
    readonly means: Readonly<Record<string, number>>;
  };
  readonly counts: {
    readonly inserted: number;
    readonly dropped: number;
    readonly duplicates: number;
    readonly imputedCells: number;
  };
}

export interface Source {
  readonly table: SourceTable;
  /** bucket/key, for errors. */
  readonly place: string;
}

/**
 * Cleans the parsed files and derives what training needs. Every statistic (frequency, means, seasons, scaler) comes
 * from the fit rows alone; an input at a row depends on no later row.
 * @throws DataError test_overlaps_train, column_reserved, column_missing, frequency_unknown, rows_insufficient
 */
export function buildDataset(
  train: Source,
  test: Source | undefined,
  settings: PreprocessSettings,
): ProcessedDataset {
  refuseReserved(train.table.columns, train.place);
  const { grid, cuts, frequency } = layRows(train, test, settings);
  const kept = dropSparseRows(grid, settings);
  const segments = segmentsOf(kept.ts, cuts);
  if (segments.fit.end === 0)
    throw new DataError('rows_insufficient', `expected fit rows in ${train.place}, got none`);
  const strict = settings.REGULARISE === 'auto';
  const block = numberBlocks(kept.ts, { frequency, strict, breaks: kept.breaks });
  const { calendar, columns: calendarColumns } = settings.TIME_FEATURES_ENABLE
    ? deriveCalendar(kept.ts, settings.TIME_ZONE, segments.fit)
    : { calendar: { timeZone: settings.TIME_ZONE, features: [] }, columns: {} };
  const roles = assignRoles(train.table.columns, settings, calendar.features);
  const means = fitMeans(kept.values, segments.fit, train.place);
  const neighbours = settings.HANDLE_NANS_NEIGHBOURS;
  const { values, filled } = imputeColumns(kept.values, kept.ts, { neighbours, means });
  const columns = { ...values, ...calendarColumns };
  const seasonalPeriods =
    settings.SEASONAL_PERIODS.length > 0
      ? settings.SEASONAL_PERIODS
      : seasonsOf({ columns, block, segments, roles, frequency });
  return {
    ts: kept.ts,
    block,
    inserted: kept.inserted,
    columns,
    actual: Object.fromEntries(
      roles.targets.map((name) => [name, kept.values[name] ?? new Float64Array(kept.ts.length).fill(NaN)]),
    ),
    indexColumn: train.table.indexColumn,
    roles,
    calendar,
    frequency,
    seasonalPeriods,
    segments,
    scaler: scalerOf(settings.SCALER, columns, { calendar, fit: segments.fit }),
    imputation: { enabled: settings.HANDLE_NANS, neighbours, means },
    counts: {
      inserted: insertedRows(kept),
      dropped: kept.dropped,
      duplicates: train.table.duplicates + (test?.table.duplicates ?? 0),
      imputedCells: filled,
    },
  };
}

/** The rows of both files on their grid, and where the segments begin. */
function layRows(
  train: Source,
  test: Source | undefined,
  settings: PreprocessSettings,
): { grid: GridRows; cuts: Cuts; frequency: Frequency } {
  if (test !== undefined) refuseOverlap(train, test);
  const { SAMPLE_STRATEGY: strategy, SAMPLE_SEED: seed } = settings;
  const trainRows = sampleRows(train.table, { rows: settings.SAMPLE_TRAIN_ROWS, strategy, seed });
  const testRows = test && sampleRows(test.table, { rows: settings.SAMPLE_TEST_ROWS, strategy, seed });
  const shares = sharesInForce(settings.SPLIT, testRows !== undefined);
  const cuts = cutTimes(trainRows.ts, testRows?.ts, shares);
  const fitTs = trainRows.ts.filter((at) => at < cuts.validate);
  const frequency = frequencyOf(fitTs, settings, train.place);
  const lay = (table: SourceTable, place: string): GridRows =>
    settings.REGULARISE === 'auto' ? insertMissingRows(table, frequency, place) : asTheyCome(table);
  const first = lay(trainRows, train.place);
  const grid =
    testRows === undefined || test === undefined ? first : joinRows(first, lay(testRows, test.place));
  return { grid, cuts, frequency };
}

function refuseOverlap(train: Source, test: Source): void {
  const last = train.table.ts.at(-1);
  const first = test.table.ts[0];
  if (last === undefined || first === undefined || first > last) return;
  const rows = test.table.ts.filter((at) => at <= last).length;
  throw new DataError(
    'test_overlaps_train',
    `expected the rows of ${test.place} after the last of ${train.place} (${isoTime(last)}), ` +
      `got ${rows} at or before it, the first at ${isoTime(first)}`,
  );
}

function seasonsOf({
  columns,
  block,
  segments,
  roles,
  frequency,
}: Pick<ProcessedDataset, 'columns' | 'block' | 'segments' | 'roles' | 'frequency'>): number[] {
  // A season longer than the rows before an origin could never be used on it.
  const stretches = [segments.select, segments.test].map((segment) => longestStretch(block, segment));
  const fitRows = roles.targets.map((name) =>
    (columns[name] ?? new Float64Array()).subarray(segments.fit.start, segments.fit.end),
  );
  return detectSeasons(fitRows, frequency, Math.floor(Math.min(...stretches) / 2));
}

function insertedRows({ inserted }: KeptRows): number {
  return inserted.reduce((sum, flag) => sum + flag, 0);
}
