import {
  historyNames,
  type Calendar,
  type Frequency,
  type History,
  type Roles,
  type RowRange,
  type Scaler,
  type Segments,
} from '@flts/model-runtime';
import type { PreprocessSettings } from '../../shared/settings.ts';
import type { Resampling } from '../../shared/dataset/resample.ts';
import { sliceColumn, type Column, type ColumnsByName } from '../columns/column.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';
import { cleanRows, type Clipping, type Imputation } from './clean-rows.ts';
import { deriveCalendar, scalerOf } from './derived.ts';
import { deriveHistory, historyOf, refuseDerived } from './history.ts';
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
  spill: Spill,
): Work<ProcessedDataset> {
  const { train, test } = sources;
  refuseReserved(train.table.columns, settings, train.place);
  const history = historyOf(settings);
  const laid = layRows(sources, settings, spill);
  const kept = yield* keepRows(laid, settings, {
    names: Object.keys(train.table.values),
    rows: train.table.ts.length + (test?.table.ts.length ?? 0),
    place: train.place,
    spill,
  });
  train.table.close();
  test?.table.close();
  const { segments, longestSeason } = kept;
  const { fit } = segments;
  const cleaned = yield* cleanRows(kept, settings, { place: train.place, spill });
  const { calendar, columns: calendarColumns } = calendarOf(kept.ts, { settings, fit }, spill);
  const given = assignRoles(train.table.columns, settings, calendar.features);
  const derived = historyNames(given.targets, history);
  refuseDerived(train.table.columns, derived, train.place);
  const roles = { ...given, past: [...given.past, ...derived] };
  const targets = pick(cleaned.values, roles.targets);
  const historyColumns = yield* deriveHistory({ block: kept.block, targets }, history, spill);
  const columns = { ...cleaned.values, ...historyColumns, ...calendarColumns };
  return {
    ts: kept.ts,
    block: kept.block,
    inserted: kept.inserted,
    source: kept.values,
    columns,
    actual: pick(kept.values, roles.targets),
    indexColumn: train.table.indexColumn,
    roles,
    calendar,
    history,
    frequency: laid.frequency,
    seasonalPeriods: seasonsInForce({ ...laid, longestSeason }, settings, { targets, fit }),
    segments,
    scaler: yield* scalerOf(settings.SCALER, columns, { calendar, fit, constant: settings.ADD_CONSTANT }),
    imputation: cleaned.imputation,
    clipping: cleaned.clipping,
    resampling: laid.resampling,
    counts: {
      inserted: kept.counts.inserted,
      dropped: kept.counts.dropped,
      duplicates: train.table.duplicates + (test?.table.duplicates ?? 0),
      imputedCells: cleaned.imputedCells,
    },
  };
}

function calendarOf(
  ts: Column,
  { settings, fit }: { readonly settings: PreprocessSettings; readonly fit: RowRange },
  spill: Spill,
): ReturnType<typeof deriveCalendar> {
  const { TIME_FEATURES_ENABLE, TIME_FEATURES: asked, TIME_ZONE: timeZone } = settings;
  if (TIME_FEATURES_ENABLE) return deriveCalendar(ts, { timeZone, asked, fit }, spill);
  return { calendar: { timeZone, features: [] }, columns: {} };
}

function pick(columns: ColumnsByName, names: readonly string[]): ColumnsByName {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

/** As given, else as the fit rows of the targets show. */
function seasonsInForce(
  { frequency, longestSeason }: Pick<LaidRows, 'frequency'> & { readonly longestSeason: number },
  { SEASONAL_PERIODS: given }: PreprocessSettings,
  { targets, fit }: { readonly targets: ColumnsByName; readonly fit: RowRange },
): number[] {
  if (given.length > 0) return [...given];
  const fitRows = Object.values(targets).map((column) => sliceColumn(column, fit));
  return detectSeasons(fitRows, frequency, longestSeason);
}
