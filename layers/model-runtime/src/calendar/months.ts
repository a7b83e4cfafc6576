import type { Frequency, Months } from '../types.ts';

const DAY_MS = 86_400_000;

/** Average length in the Gregorian calendar, ms: for what only asks how long a step is. */
export const MONTH_MS = (365.2425 / 12) * DAY_MS;

/** Months since January 1970 (UTC). */
function monthOf(at: number): number {
  const date = new Date(at);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** The time `timeOfDay` on the day of a month that rows lie on: the last one of a shorter month. */
function timeIn(month: number, { day }: Months, timeOfDay: number): number {
  const [year, within] = [1970 + Math.floor(month / 12), ((month % 12) + 12) % 12];
  const daysInMonth = new Date(Date.UTC(year, within + 1, 0)).getUTCDate();
  return Date.UTC(year, within, Math.min(day, daysInMonth)) + timeOfDay;
}

const timeOfDay = (at: number): number => ((at % DAY_MS) + DAY_MS) % DAY_MS;

/** Whether a time lies on the day of its month that rows lie on. */
function isOnGrid(at: number, months: Months): boolean {
  return timeIn(monthOf(at), months, timeOfDay(at)) === at;
}

/** The time `steps` steps after `at`: counted from its month, so that 31 January, 29 February and 31 March follow each other. */
export function monthsAfter(at: number, months: Months, steps: number): number {
  return timeIn(monthOf(at) + steps * months.count, months, timeOfDay(at));
}

/** How many steps lie between two times; undefined where either is off the grid of the other. */
export function monthsBetween(from: number, to: number, months: Months): number | undefined {
  if (timeOfDay(from) !== timeOfDay(to) || !isOnGrid(from, months) || !isOnGrid(to, months)) return undefined;
  const steps = (monthOf(to) - monthOf(from)) / months.count;
  return Number.isInteger(steps) ? steps : undefined;
}

/** Days from here on mean that a row tells of the time up to it, and not from it on. */
const END_OF_MONTH = 28;

/** The first day of the period that a row tells of, so that month starts and month ends mean the same. */
export function periodStart(at: number, { count, day }: Months): number {
  const before = day >= END_OF_MONTH ? count - 1 : 0;
  return timeIn(monthOf(at) - before, { count, day: 1 }, 0);
}

/** Of rows in steps of months the first day of each one's period; other times as they are. */
export function periodTimes(ts: Float64Array, { months }: Frequency): Float64Array {
  return months === undefined ? ts : ts.map((at) => periodStart(at, months));
}

/** The end of the interval that `at` lies in, where intervals end with a month's first instant (UTC), every `count` months. */
export function intervalEnd(at: number, count: number): number {
  const month = monthOf(at);
  const first = month - (((month % count) + count) % count);
  const start = timeIn(first, { count, day: 1 }, 0);
  return start === at ? at : timeIn(first + count, { count, day: 1 }, 0);
}

/**
 * The day of the month that fits times best whose steps are `count` months: the one that most have, or the latest, which a month
 * that is shorter cuts.
 */
export function daysOfMonth(times: Iterable<number>): number[] {
  const counts = new Map<number, number>();
  for (const at of times) {
    const day = new Date(at).getUTCDate();
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const [usual] = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b);
  const latest = Math.max(...counts.keys());
  // The last days of months: 30 April is the latest of a few rows, and 31 May is meant.
  const isEnd = latest >= END_OF_MONTH;
  return [...new Set([usual?.[0] ?? 1, latest, ...(isEnd ? [31] : [])])];
}
