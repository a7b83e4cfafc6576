import { monthsBetween, type Frequency } from '@flts/model-runtime';

export const DAY_MS = 86_400_000;
export const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** How many steps lie between two times; undefined where `to` is off the grid that `from` lies on. */
export function stepsBetween(from: number, to: number, frequency: Frequency): number | undefined {
  if (frequency.months !== undefined) return monthsBetween(from, to, frequency.months);
  if (!frequency.businessDays) {
    const steps = (to - from) / frequency.stepMs;
    return Number.isInteger(steps) ? steps : undefined;
  }
  const [first, second] = [businessDay(from), businessDay(to)];
  return first === undefined || second === undefined || (to - from) % DAY_MS !== 0
    ? undefined
    : second - first;
}

/** Number of the business day (UTC) since Monday, 29 December 1969; undefined on a weekend. */
function businessDay(at: number): number | undefined {
  const days = Math.floor(at / DAY_MS) + 3;
  const weekday = ((days % 7) + 7) % 7;
  return weekday < 5 ? Math.floor(days / 7) * 5 + weekday : undefined;
}

/** The time itself, or, on a weekend (UTC), the same time of the Monday after. */
export function nextBusinessDay(at: number): number {
  return businessDay(at) === undefined ? nextBusinessDay(at + DAY_MS) : at;
}

export function isoTime(at: number | undefined): string {
  return new Date(at ?? 0).toISOString();
}

/** A step of the frequency, like 90 min, a month or 3 months. */
export function describeStep({ stepMs, businessDays, months }: Frequency): string {
  if (businessDays) return 'a business day';
  if (months === undefined) return describeMs(stepMs);
  const [count, unit] = months.count % 12 === 0 ? [months.count / 12, 'year'] : [months.count, 'month'];
  return count === 1 ? `a ${unit}` : `${count} ${unit}s`;
}

/** The largest unit that divides `ms`, like 90 min. */
export function describeMs(ms: number): string {
  const unit = Object.entries(UNIT_MS).findLast(
    ([name, size]) => name !== 'w' && ms % size === 0 && ms !== 0,
  );
  return unit === undefined ? `${ms} ms` : `${ms / unit[1]} ${unit[0]}`;
}
