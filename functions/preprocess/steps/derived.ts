import {
  calendarColumns,
  CALENDAR_FEATURES,
  fitScaler,
  type Calendar,
  type Columns,
  type RowRange,
  type Scaler,
  type ScalerKind,
} from '@flts/model-runtime';

/** The calendar features that vary over the fit rows: the hour says nothing of daily rows. */
export function deriveCalendar(
  ts: Float64Array,
  timeZone: string,
  fit: RowRange,
): { calendar: Calendar; columns: Columns } {
  const all = calendarColumns(ts, { timeZone, features: CALENDAR_FEATURES });
  const features = CALENDAR_FEATURES.filter((name) => {
    const values = all[name]?.subarray(fit.start, fit.end) ?? [];
    return values.some((value) => value !== values[0]);
  });
  const columns = features.map((name) => [name, all[name] ?? new Float64Array(ts.length)] as const);
  return { calendar: { timeZone, features }, columns: Object.fromEntries(columns) };
}

/** The scaler of all inputs, from the fit rows alone; calendar features are bounded and stay as they are. */
export function scalerOf(
  kind: ScalerKind,
  columns: Columns,
  { calendar, fit }: { calendar: Calendar; fit: RowRange },
): Scaler {
  return fitScaler(kind, columns, { rows: fit, passthrough: calendar.features });
}
