import {
  calendarColumns,
  CALENDAR_FEATURES,
  fitColumn,
  IDENTITY,
  type Calendar,
  type RowRange,
  type Scaler,
  type ScalerKind,
} from '@flts/model-runtime';
import { piecesOf, sliceColumn, type Column, type ColumnsByName } from '../columns/column.ts';
import { allValues } from '../columns/known-values.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';

/** The calendar features that vary over the fit rows: the hour says nothing of daily rows. */
export function deriveCalendar(
  ts: Column,
  { timeZone, fit }: { readonly timeZone: string; readonly fit: RowRange },
  spill: Spill,
): { calendar: Calendar; columns: ColumnsByName } {
  const stored = spill.table(CALENDAR_FEATURES.length);
  const first: Record<string, number | undefined> = {};
  const varying = new Set<string>();
  for (const { start, values } of piecesOf(ts)) {
    const columns = calendarColumns(values, { timeZone, features: CALENDAR_FEATURES });
    for (const name of CALENDAR_FEATURES) {
      const fitValues = (columns[name] ?? new Float64Array()).subarray(0, Math.max(0, fit.end - start));
      first[name] ??= fitValues[0];
      if (!varying.has(name) && fitValues.some((value) => value !== first[name])) varying.add(name);
    }
    stored.append(CALENDAR_FEATURES.map((name) => columns[name] ?? new Float64Array(values.length)));
  }
  const features = CALENDAR_FEATURES.filter((name) => varying.has(name));
  const columns = features.map((name) => [name, stored.column(CALENDAR_FEATURES.indexOf(name))] as const);
  return { calendar: { timeZone, features }, columns: Object.fromEntries(columns) };
}

/** The scaler of all inputs, from the fit rows alone; calendar features are bounded and stay as they are. */
export function* scalerOf(
  kind: ScalerKind,
  columns: ColumnsByName,
  { calendar, fit }: { calendar: Calendar; fit: RowRange },
): Work<Scaler> {
  const fitted: [string, { offset: number; scale: number }][] = [];
  for (const [name, column] of Object.entries(columns)) {
    const bounded = calendar.features.includes(name);
    fitted.push([name, bounded ? IDENTITY : fitColumn(kind, allValues(sliceColumn(column, fit)))]);
    yield { phase: 'derive', share: 0.5 + (0.5 * fitted.length) / Object.keys(columns).length };
  }
  return { format: 'flts-scaler/1', kind, columns: Object.fromEntries(fitted) };
}
