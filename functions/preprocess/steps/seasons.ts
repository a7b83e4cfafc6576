import { compensatedSum, type Frequency, type RowRange } from '@flts/model-runtime';
import { DAY_MS } from './frequency.ts';

/** Lengths of the calendar's own cycles; a year in days is rounded to whole rows. */
const CYCLES_MS = [60_000, 3_600_000, DAY_MS, 7 * DAY_MS];
const YEAR_MS = 365.2425 * DAY_MS;
const BUSINESS_WEEK = 5;
/** Below this autocorrelation a cycle is not worth a season. */
const WEAKEST = 0.1;

/** Seasons in rows that the calendar suggests, e.g. 24 and 168 for hourly rows; shortest first. */
export function seasonCandidates({ stepMs, businessDays }: Frequency): number[] {
  if (businessDays) return [BUSINESS_WEEK];
  const cycles = CYCLES_MS.map((cycle) => cycle / stepMs).filter(Number.isInteger);
  const year = stepMs >= DAY_MS ? [Math.round(YEAR_MS / stepMs)] : [];
  return [...cycles, ...year].filter((rows) => rows >= 2);
}

/**
 * The candidates that the autocorrelation of the fit rows confirms: it is clearly higher at the season than half a
 * season (or, once a shorter season is confirmed, one of those) to either side. `columns`: the targets, finite, fit
 * rows alone. `longest`: rows of the longest season that has room.
 */
export function detectSeasons(
  columns: readonly Float64Array[],
  frequency: Frequency,
  longest: number,
): number[] {
  const centred = columns.map(withoutTrend).filter((values) => sumOfProducts(values, 0) > 0);
  const rows = centred[0]?.length ?? 0;
  const confirmed: number[] = [];
  for (const period of seasonCandidates(frequency)) {
    const aside = confirmed.at(-1) ?? Math.floor(period / 2);
    if (period > longest || 2 * period > rows || period + aside >= rows) continue;
    const [at, before, after] = [period, period - aside, period + aside].map((lag) =>
      meanAutocorrelation(centred, lag),
    );
    const noise = 1 / Math.sqrt(rows);
    const peak = Math.max(before ?? 0, after ?? 0) + noise;
    if ((at ?? 0) > Math.max(WEAKEST, 3 * noise, peak)) confirmed.push(period);
  }
  return confirmed;
}

function meanAutocorrelation(columns: readonly Float64Array[], lag: number): number {
  const each = columns.map((values) => {
    const shorter = values.length / (values.length - lag);
    return (sumOfProducts(values, lag) / sumOfProducts(values, 0)) * shorter;
  });
  return compensatedSum(each) / each.length;
}

function sumOfProducts(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let row = lag; row < values.length; row += 1) sum += (values[row] ?? 0) * (values[row - lag] ?? 0);
  return sum;
}

/** Residuals of the least-squares line. A constant column becomes zeros. */
function withoutTrend(values: Float64Array): Float64Array {
  const mean = compensatedSum(values) / values.length;
  const middle = (values.length - 1) / 2;
  const spread = (values.length * (values.length * values.length - 1)) / 12;
  const slope = compensatedSum(values.map((value, row) => (row - middle) * (value - mean))) / (spread || 1);
  const constant = values.every((value) => value === values[0]);
  return values.map((value, row) => (constant ? 0 : value - mean - slope * (row - middle)));
}

/** Rows of the longest stretch without a gap that reaches into `segment`, from its block's first row. */
export function longestStretch(block: Int32Array, segment: RowRange): number {
  let longest = 0;
  let start = 0;
  for (let row = 0; row < segment.end; row += 1) {
    if (block[row] !== block[row - 1]) start = row;
    if (row >= segment.start) longest = Math.max(longest, row - start + 1);
  }
  return longest;
}
