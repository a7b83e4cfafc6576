/** Parts of a date and time as they are written; those that are missing are 0. */
export interface Moment {
  readonly year?: number | string | undefined;
  /** From 1. */
  readonly month?: number | string | undefined;
  readonly day?: number | string | undefined;
  readonly hour?: number | string | undefined;
  readonly minute?: number | string | undefined;
  readonly second?: number | string | undefined;
  /** Digits behind the point; those below a millisecond are cut. */
  readonly fraction?: string | undefined;
}

/** Epoch ms of a wall clock in UTC; undefined where there is no such day or time: 24 o’clock, leap seconds, 30 February. */
export function momentOf(parts: Moment): number | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, fraction = '' } = parts;
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = [year, month, day, hour, minute, second].map(Number);
  if (h > 23 || min > 59 || s > 59) return undefined;
  const midnight = new Date(0).setUTCFullYear(y, m - 1, d);
  // A day that the month does not have rolls over into the next.
  const date = new Date(midnight);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return undefined;
  return midnight + ((h * 60 + min) * 60 + s) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Of Z, or an offset like +01, +01:30 or -0200; undefined beyond 18 hours. */
export function zoneOffsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2) || '0');
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
