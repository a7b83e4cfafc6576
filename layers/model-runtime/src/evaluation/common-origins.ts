import { origins } from '../windows/windows.ts';
import type { Segments, Series } from '../types.ts';

/** Windows times steps that are scored at most: backtests of all candidates stay within seconds. */
const MOST_STEPS = 100_000;
/** Seconds, minutes, hours, days, months, weeks and days of what follows them: no stride may share a factor with one. */
const CALENDAR_CYCLES = [60, 24, 7, 12, 52, 365];

export interface CommonOriginsOf {
  readonly segment: 'select' | 'test';
  readonly contextRows: number;
  readonly horizon: number;
  /** Seasons of the data, rows. Default: none. */
  readonly seasons?: readonly number[];
}

/**
 * The origins that all candidates are scored on: every one, up to MOST_STEPS. Beyond that every nth, where n has no factor in common
 * with a cycle of the calendar or of the data: a stride of 8 would see three hours of a day alone, and a model that is good at
 * these would win.
 */
export function commonOrigins(
  series: Series,
  segments: Segments,
  { segment, contextRows, horizon, seasons = [] }: CommonOriginsOf,
): { stride: number; origins: Int32Array } {
  const all = origins({ block: series.block, segment: segments[segment], contextRows, horizon });
  const cycles = [...CALENDAR_CYCLES, ...seasons];
  let stride = Math.max(1, Math.ceil((all.length * horizon) / MOST_STEPS));
  while (cycles.some((cycle) => commonFactor(stride, cycle) > 1)) stride += 1;
  return { stride, origins: all.filter((_, index) => index % stride === 0) };
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}
