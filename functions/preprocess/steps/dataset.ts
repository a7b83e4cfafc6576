import type { Calendar, Columns, Frequency, Roles, RowRange, Scaler, Segments } from '@flts/model-runtime';
import { DataError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings.ts';
import { clipColumns, type Bounds } from '../../shared/dataset/clip.ts';
import { imputeColumns } from '../../shared/dataset/impute.ts';
import type { FillMethod } from '../../shared/dataset/rules.ts';
import { clipBounds } from './clip-bounds.ts';
import type { Resampling } from '../../shared/dataset/resample.ts';
import { dropSparseRows, fitMeans, type KeptRows } from './cleaning.ts';
import { deriveCalendar, scalerOf } from './derived.ts';
import { layRows, type LaidRows, type Source } from './lay-rows.ts';
import { numberBlocks } from '../../shared/dataset/regularise.ts';
import { assignRoles, refuseReserved } from './roles.ts';
import { detectSeasons, longestStretch } from './seasons.ts';
import { segmentsOf } from './segments.ts';

/** Everything that the processed files hold, in original units; one entry a row, train rows before test rows. */
export interface ProcessedDataset {
  readonly ts: Float64Array;
  readonly block: Int32Array;
  /** 1 for rows that the source does not have. */
  readonly inserted: Uint8Array;
  /** The cells of the source's columns as they came; NaN where they were missing. */
  readonly source: Columns;
  /** Model inputs, finite. */
  readonly columns: Columns;
  /** The truth of each target as it came; NaN where it was missing. */
  readonly actual: Columns;
  readonly indexColumn: string;
  readonly roles: Roles;
  readonly calendar: Calendar;
  readonly frequency: Frequency;
  /** In rows, shortest first. */
  readonly seasonalPeriods: readonly number[];
  readonly segments: Segments;
  readonly scaler: Scaler;
  readonly imputation: Imputation;
  readonly clipping: Clipping;
  /** undefined where rows are not resampled. */
  readonly resampling: Resampling | undefined;
  readonly counts: RowCounts;
}

interface Imputation {
  readonly enabled: boolean;
  readonly method: FillMethod;
  readonly neighbours: number;
  readonly means: Readonly<Record<string, number>>;
}

interface Clipping {
  /** Of the columns that have any. */
  readonly bounds: Readonly<Record<string, Bounds>>;
  /** Cells that were moved to a bound, by column. */
  readonly clipped: Readonly<Record<string, number>>;
}

interface RowCounts {
  readonly inserted: number;
  readonly dropped: number;
  readonly duplicates: number;
  readonly imputedCells: number;
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
  const laid = layRows(train, test, settings);
  const cleaned = cleanRows(laid, settings, train.place);
  const { kept, block, segments, imputation, values, imputedCells } = cleaned;
  const { fit } = segments;
  const { calendar, columns: calendarColumns } = calendarOf(kept.ts, settings, fit);
  const roles = assignRoles(train.table.columns, settings, calendar.features);
  const columns = { ...values, ...calendarColumns };
  return {
    ts: kept.ts,
    block,
    inserted: kept.inserted,
    source: kept.values,
    columns,
    actual: pick(kept.values, roles.targets),
    indexColumn: train.table.indexColumn,
    roles,
    calendar,
    frequency: laid.frequency,
    seasonalPeriods: seasonsInForce(laid, settings, pick(values, roles.targets), fit),
    segments,
    scaler: scalerOf(settings.SCALER, columns, { calendar, fit }),
    imputation,
    clipping: cleaned.clipping,
    resampling: laid.resampling,
    counts: {
      inserted: kept.inserted.reduce((sum, flag) => sum + flag, 0),
      dropped: kept.dropped,
      duplicates: train.table.duplicates + (test?.table.duplicates ?? 0),
      imputedCells,
    },
  };
}

function calendarOf(
  ts: Float64Array,
  { TIME_FEATURES_ENABLE, TIME_ZONE: timeZone }: PreprocessSettings,
  fit: RowRange,
): ReturnType<typeof deriveCalendar> {
  if (TIME_FEATURES_ENABLE) return deriveCalendar(ts, timeZone, fit);
  return { calendar: { timeZone, features: [] }, columns: {} };
}

interface CleanedRows extends Pick<ProcessedDataset, 'block' | 'segments' | 'imputation' | 'clipping'> {
  /** With missing cells. */
  readonly kept: KeptRows;
  /** Without. */
  readonly values: Columns;
  readonly imputedCells: number;
}

function cleanRows(
  { grid, cuts, frequency }: LaidRows,
  settings: PreprocessSettings,
  place: string,
): CleanedRows {
  const kept = dropSparseRows(grid, settings);
  const segments = segmentsOf(kept.ts, cuts);
  if (segments.fit.end === 0)
    throw new DataError(
      'rows_insufficient',
      `expected fit rows in ${place}, got none that misses as few cells as HANDLE_NANS_THRESHOLD asks for`,
    );
  const strict = settings.REGULARISE !== 'off';
  const block = numberBlocks(kept.ts, { frequency, strict, breaks: kept.breaks });
  const { HANDLE_NANS: enabled, HANDLE_NANS_METHOD: method, HANDLE_NANS_NEIGHBOURS: neighbours } = settings;
  // Known values are clipped before missing ones are filled from them: serving fills from stored, clipped rows.
  const bounds = clipBounds(kept.values, segments.fit, settings);
  const { values: known, clipped } = clipColumns(kept.values, bounds);
  const means = fitMeans(known, segments.fit, place);
  const { values, filled } = imputeColumns(known, kept.ts, { method, neighbours, means });
  return {
    kept,
    block,
    segments,
    values,
    imputedCells: filled,
    clipping: { bounds, clipped },
    imputation: { enabled, method, neighbours, means },
  };
}

function pick(columns: Columns, names: readonly string[]): Columns {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

/** As given, else as the fit rows of the targets show. */
function seasonsInForce(
  laid: LaidRows,
  settings: PreprocessSettings,
  targets: Columns,
  { start, end }: RowRange,
): number[] {
  const given = settings.SEASONAL_PERIODS;
  if (given.length > 0) return [...given];
  const fitRows = Object.values(targets).map((values) => values.subarray(start, end));
  return detectSeasons(fitRows, laid.frequency, longestSeason(laid, settings.REGULARISE !== 'off'));
}

/**
 * A season longer than the rows before an origin could never be used on it. Told from the grid alone: no value has a
 * say in it, nor has a row that is left out for its values.
 */
function longestSeason({ grid, cuts, frequency }: LaidRows, strict: boolean): number {
  const breaks = new Uint8Array(grid.ts.length);
  const block = numberBlocks(grid.ts, { frequency, strict, breaks });
  const { select, test } = segmentsOf(grid.ts, cuts);
  return Math.floor(Math.min(longestStretch(block, select), longestStretch(block, test)) / 2);
}
