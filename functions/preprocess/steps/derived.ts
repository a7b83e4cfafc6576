import {
  calendarColumns,
  CALENDAR_FEATURES,
  HOLIDAY_FEATURE,
  IDENTITY,
  type Calendar,
  type Months,
  type RowRange,
  type Scaler,
  type ScalerKind,
} from '@flts/model-runtime';
import { piecesOf, sliceColumn, type Column, type ColumnsByName } from '../columns/column.ts';
import type { Spill } from '../columns/spill.ts';
import { inParallel, type Work } from '../progress.ts';

export interface CalendarOf {
  readonly timeZone: string;
  /** TIME_FEATURES */
  readonly asked: readonly string[];
  /** Dates of holidays; undefined where they are no feature. */
  readonly holidays: readonly string[] | undefined;
  readonly fit: RowRange;
  /** Of rows in steps of months. */
  readonly months?: Months | undefined;
}

/** A row of a month or more has no weekday, hour or holiday of its own. */
const OF_PERIODS = ['day_of_year', 'month'];

export interface DerivedCalendar {
  readonly calendar: Calendar;
  readonly columns: ColumnsByName;
}

/** Of the calendar features that are asked for, those that vary over the fit rows: the hour says nothing of daily rows. */
export function* deriveCalendar(
  ts: Column,
  { timeZone, asked: named, holidays: dated, fit, months }: CalendarOf,
  spill: Spill,
): Work<DerivedCalendar> {
  const asked = months === undefined ? named : named.filter((name) => OF_PERIODS.includes(name));
  const holidays = months === undefined ? dated : undefined;
  const candidates = [
    ...CALENDAR_FEATURES.filter((name) => asked.includes(name.replace(/_(?:sin|cos)$/u, ''))),
    ...(holidays === undefined ? [] : [HOLIDAY_FEATURE]),
  ];
  const stored = spill.table(candidates.length);
  const first: Record<string, number | undefined> = {};
  const varying = new Set<string>();
  for (const { start, values } of piecesOf(ts)) {
    const columns = calendarColumns(values, { timeZone, features: candidates, holidays, months });
    for (const name of candidates) {
      const fitValues = (columns[name] ?? new Float64Array()).subarray(0, Math.max(0, fit.end - start));
      first[name] ??= fitValues[0];
      if (!varying.has(name) && fitValues.some((value) => value !== first[name])) varying.add(name);
    }
    stored.append(candidates.map((name) => columns[name] ?? new Float64Array(values.length)));
    yield { phase: 'derive', share: (0.2 * (start + values.length)) / ts.length };
  }
  const features = candidates.filter((name) => varying.has(name));
  const columns = features.map((name) => [name, stored.column(candidates.indexOf(name))] as const);
  const dates = features.includes(HOLIDAY_FEATURE) && holidays ? { holidays } : {};
  return {
    calendar: { timeZone, features, ...dates, ...(months && { months }) },
    columns: Object.fromEntries(columns),
  };
}

export interface ScalerOf {
  readonly calendar: Calendar;
  readonly fit: RowRange;
  readonly constant: number;
  /** What is done beside, as far as there is time. */
  readonly meanwhile?: Work<unknown> | undefined;
}

/**
 * The scaler of all inputs, from the fit rows alone; calendar features are bounded and stay as they are. `constant` is added to
 * what is scaled, and so taken away from what is scaled back: offsets hold it, values stay in their own units.
 */
export function* scalerOf(
  kind: ScalerKind,
  columns: ColumnsByName,
  { calendar, fit, constant, meanwhile }: ScalerOf,
): Work<Scaler> {
  const scaled = Object.entries(columns).filter(([name]) => !calendar.features.includes(name));
  const fitted = yield* inParallel(
    'scaleOfColumn',
    scaled.map(([, column]) => ({
      columns: { values: sliceColumn(column, fit) },
      input: { kind, constant },
    })),
    { phase: 'derive', from: 0.5, to: 1, meanwhile },
  );
  const parameters = new Map(scaled.map(([name], index) => [name, fitted[index] ?? IDENTITY]));
  return {
    format: 'flts-scaler/1',
    kind,
    columns: Object.fromEntries(Object.keys(columns).map((name) => [name, parameters.get(name) ?? IDENTITY])),
  };
}
