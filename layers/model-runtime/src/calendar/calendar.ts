import { RuntimeError } from '../errors.ts';
import type { Calendar, Columns, Frequency } from '../types.ts';
import { cosineTurn, sineTurn } from './turn.ts';
import { localTime } from './local-time.ts';
import { monthsAfter, periodStart } from './months.ts';

/**
 * Sine and cosine of: minute of day (of 1440), day of week (Monday 0, of 7), day of year (1 January 0, of 365.25), hour (of 24),
 * month (January 0, of 12).
 */
export const CALENDAR_FEATURES = [
  'minute_of_day_sin',
  'minute_of_day_cos',
  'day_of_week_sin',
  'day_of_week_cos',
  'day_of_year_sin',
  'day_of_year_cos',
  'hour_sin',
  'hour_cos',
  'month_sin',
  'month_cos',
] as const;

/** 1 on the days that the calendar names as holidays, 0 on others. */
export const HOLIDAY_FEATURE = 'holiday';

/**
 * The calendar's features of each time, in [-1, 1].
 * @throws RuntimeError setting_invalid for a feature of another name, or holidays without their dates
 */
export function calendarColumns(ts: Float64Array, calendar: Calendar): Columns {
  const { months } = calendar;
  const parts =
    months === undefined
      ? localTime(ts, calendar.timeZone)
      : localTime(
          ts.map((at) => periodStart(at, months)),
          'UTC',
        );
  const shares: Readonly<Record<string, () => Float64Array>> = {
    minute_of_day: () => parts.minuteOfDay.map((value) => value / 1440),
    day_of_week: () => parts.dayOfWeek.map((value) => value / 7),
    day_of_year: () => parts.dayOfYear.map((value) => value / 365.25),
    hour: () => parts.minuteOfDay.map((value) => Math.floor(value / 60) / 24),
    month: () => parts.month().map((value) => value / 12),
  };
  const entries = calendar.features.map((name) => {
    if (name === HOLIDAY_FEATURE && calendar.holidays !== undefined)
      return [name, holidayColumn(parts.day(), calendar.holidays)] as const;
    const share = shares[name.replace(/_(?:sin|cos)$/u, '')];
    if (share === undefined || !CALENDAR_FEATURES.some((known) => known === name))
      throw new RuntimeError(
        'setting_invalid',
        `expected a calendar feature among ${CALENDAR_FEATURES.join(', ')}, or ${HOLIDAY_FEATURE} with dates, got ${name}`,
      );
    return [name, turned(share(), name.endsWith('_sin') ? sineTurn : cosineTurn)] as const;
  });
  return Object.fromEntries(entries);
}

/** The wave of each share, made once for those that stay the same: a day's minutes share their day. */
function turned(shares: Float64Array, wave: (share: number) => number): Float64Array {
  let [share, found] = [NaN, NaN];
  const waves = new Float64Array(shares.length);
  for (let row = 0; row < shares.length; row += 1) {
    const own = shares[row] ?? NaN;
    if (own !== share) [share, found] = [own, wave(own)];
    waves[row] = found;
  }
  return waves;
}

const DAY_MS = 86_400_000;

function holidayColumn(days: Float64Array, dates: readonly string[]): Float64Array {
  const holidays = new Set(dates.map((date) => Date.parse(`${date}T00:00:00Z`) / DAY_MS));
  return days.map((day) => (holidays.has(day) ? 1 : 0));
}

/** The `steps` timestamps after `last`. */
export function nextTimestamps(
  last: number,
  { stepMs, businessDays, months }: Frequency,
  steps: number,
): Float64Array {
  const next = new Float64Array(steps);
  if (months !== undefined) return next.map((_, step) => monthsAfter(last, months, step + 1));
  let ts = last;
  for (let step = 0; step < steps; step += 1) {
    ts += stepMs;
    if (businessDays) while ([0, 6].includes(new Date(ts).getUTCDay())) ts += DAY_MS;
    next[step] = ts;
  }
  return next;
}
