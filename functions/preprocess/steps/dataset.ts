import {
  historyNames,
  type Calendar,
  type Frequency,
  type History,
  type Roles,
  type Months,
  type RowRange,
  type Scaler,
  type Segments,
} from '@flts/model-runtime';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import type { Resampling } from '../../shared/dataset/resample.ts';
import { sliceColumn, valueAt, type Column, type ColumnsByName } from '../columns/column.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';
import { cleanRows, type Clipping, type Imputation } from './clean-rows.ts';
import { deriveCalendar, scalerOf, type DerivedCalendar } from './derived.ts';
import { deriveHistory, historyOf, refuseDerived } from './history.ts';
import type { HolidayDates } from './holidays.ts';
import { keepRows } from './keep-rows.ts';
import { layRows, type LaidRows, type Source } from './lay-rows.ts';
import { assignRoles, refuseReserved } from './roles.ts';
import { detectSeasons } from './seasons.ts';

/** Everything that the processed files hold, in original units and on disk; one entry a row, train rows before test rows. */
export interface ProcessedDataset {
  readonly ts: Column;
  readonly block: Column;
  /** 1 for rows that the source does not have. */
  readonly inserted: Column;
  /** The cells of the source's columns as they came; NaN where they were missing. */
  readonly source: ColumnsByName;
  /** Model inputs, finite. */
  readonly columns: ColumnsByName;
  /** The truth of each target as it came; NaN where it was missing. */
  readonly actual: ColumnsByName;
  readonly indexColumn: string;
  readonly roles: Roles;
  readonly calendar: Calendar;
  /** undefined where nothing is derived from the targets. */
  readonly history: History | undefined;
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

interface RowCounts {
  readonly inserted: number;
  readonly dropped: number;
  readonly duplicates: number;
  readonly imputedCells: number;
}

/**
 * Cleans the parsed files and derives what training needs. Every statistic (frequency, means, seasons, scaler) comes
 * from the fit rows alone; an input at a row depends on no later row. Goes through the rows piece by piece: what is in memory
 * depends on the number of columns, not on that of rows. Closes the sources' tables once it has gone through them.
 * @throws DataError test_overlaps_train, column_reserved, column_missing, frequency_unknown, rows_insufficient
 */
export function* buildDataset(
  sources: { readonly train: Source; readonly test: Source | undefined },
  settings: PreprocessSettings,
  { spill, holidays, beside }: BuildWith,
): Work<ProcessedDataset> {
  const { train, test } = sources;
  refuseReserved(train.table.columns, settings, train.place);
  const laid = layRows(sources, settings, spill);
  const kept = yield* keepRows(laid, settings, {
    names: Object.keys(train.table.values),
    rows: train.table.ts.length + (test?.table.ts.length ?? 0),
    place: train.place,
    spill,
  });
  train.table.close();
  test?.table.close();
  const { segments, longestSeason, counts } = kept;
  const { fit } = segments;
  const calendarOfRows = keepResult(
    calendarOf(kept.ts, { settings, holidays, fit, months: laid.frequency.months }, spill),
  );
  const cleaned = yield* cleanRows(kept, settings, {
    place: train.place,
    spill,
    meanwhile: calendarOfRows.work,
  });
  const derived = yield* deriveColumns(
    { block: kept.block, values: cleaned.values, ...calendarOfRows.result() },
    train,
    settings,
    spill,
  );
  const { roles, calendar, columns } = derived;
  const { ts, block, inserted } = kept;
  const rows = { ts, block, inserted, segments, roles, columns, actual: pick(kept.values, roles.targets) };
  const targets = pick(columns, roles.targets);
  // Goes on beside one statistic after the other, so that none of them waits for it.
  const meanwhile = beside?.(rows);
  const seasonalPeriods = yield* seasonsInForce({ ...laid, longestSeason }, settings, {
    targets,
    fit,
    meanwhile,
  });
  const { SCALER, ADD_CONSTANT: constant } = settings;
  const scaler = yield* scalerOf(SCALER, columns, { calendar, fit, constant, meanwhile });
  if (meanwhile !== undefined) yield* meanwhile;
  return {
    ...derived,
    ...rows,
    source: kept.values,
    indexColumn: train.table.indexColumn,
    frequency: laid.frequency,
    seasonalPeriods,
    scaler,
    imputation: cleaned.imputation,
    clipping: cleaned.clipping,
    resampling: laid.resampling,
    counts: {
      inserted: counts.inserted,
      dropped: counts.dropped,
      duplicates: train.table.duplicates + (test?.table.duplicates ?? 0),
      imputedCells: cleaned.imputedCells,
    },
  };
}

export interface BuildWith {
  readonly spill: Spill;
  /** undefined where holidays are no feature. */
  readonly holidays?: HolidayDates | undefined;
  /** What needs the rows alone, and is done beside the statistics of them. */
  readonly beside?: (rows: DatasetRows) => Work<unknown>;
}

/** What the processed files hold. */
export type DatasetRows = Pick<
  ProcessedDataset,
  'ts' | 'block' | 'inserted' | 'segments' | 'roles' | 'columns' | 'actual'
>;

/** Work whose result is asked for once it is done, wherever that is. */
function keepResult<T>(work: Work<T>): { readonly work: Work<void>; readonly result: () => T } {
  const results: T[] = [];
  const kept = function* (): Work<void> {
    results.push(yield* work);
  };
  return {
    work: kept(),
    result: () => {
      const [result] = results;
      if (result === undefined) throw new TypeError('expected work that is done, got none');
      return result;
    },
  };
}

interface Derivation extends DerivedCalendar {
  readonly block: Column;
  readonly values: ColumnsByName;
}

/** The cleaned columns, and those that are made of the targets and of the time. */
function* deriveColumns(
  { block, values, calendar, columns: calendarColumns }: Derivation,
  { table, place }: Source,
  settings: PreprocessSettings,
  spill: Spill,
): Work<Pick<ProcessedDataset, 'roles' | 'calendar' | 'history' | 'columns'>> {
  const given = assignRoles(table.columns, settings, calendar.features);
  const history = historyOf(settings);
  const derived = historyNames(given.targets, history);
  refuseDerived(table.columns, derived, place);
  const targets = pick(values, given.targets);
  const historyColumns = yield* deriveHistory({ block, targets }, history, spill);
  return {
    roles: { ...given, past: [...given.past, ...derived] },
    calendar,
    history,
    columns: { ...values, ...historyColumns, ...calendarColumns },
  };
}

function* calendarOf(
  ts: Column,
  { settings, holidays, fit, months }: CalendarSettings,
  spill: Spill,
): Work<DerivedCalendar> {
  const { TIME_FEATURES_ENABLE, TIME_FEATURES: asked, TIME_ZONE: timeZone } = settings;
  if (!TIME_FEATURES_ENABLE) return { calendar: { timeZone, features: [] }, columns: {} };
  const dates = holidays?.(valueAt(ts, 0) ?? 0, valueAt(ts, ts.length - 1) ?? 0);
  return yield* deriveCalendar(ts, { timeZone, asked, holidays: dates, fit, months }, spill);
}

interface CalendarSettings {
  readonly settings: PreprocessSettings;
  readonly holidays: HolidayDates | undefined;
  readonly fit: RowRange;
  readonly months: Months | undefined;
}

function pick(columns: ColumnsByName, names: readonly string[]): ColumnsByName {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

interface FitTargets {
  readonly targets: ColumnsByName;
  readonly fit: RowRange;
  readonly meanwhile: Work<unknown> | undefined;
}

/** As given, else as the fit rows of the targets show. */
function* seasonsInForce(
  { frequency, longestSeason }: Pick<LaidRows, 'frequency'> & { readonly longestSeason: number },
  { SEASONAL_PERIODS: given }: PreprocessSettings,
  { targets, fit, meanwhile }: FitTargets,
): Work<number[]> {
  if (given.length > 0) return [...given];
  const fitRows = Object.values(targets).map((column) => sliceColumn(column, fit));
  return yield* detectSeasons(fitRows, frequency, longestSeason, meanwhile);
}
