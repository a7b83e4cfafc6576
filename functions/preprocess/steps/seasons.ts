import { compensatedSum, type Frequency, type RowRange } from '@flts/model-runtime';
import { DAY_MS } from '../../shared/dataset/spacing.ts';
import { sumOfProducts, withoutProfile, withoutTrend } from './decompose.ts';

/** Lengths of the calendar's own cycles; a year in days is rounded to whole rows. */
const CYCLES_MS = [60_000, 3_600_000, DAY_MS, 7 * DAY_MS];
const YEAR_MS = 365.2425 * DAY_MS;
const BUSINESS_WEEK = 5;
/** Below this autocorrelation a cycle is not worth a season. */
const WEAKEST = 0.1;
/** Share of a column's power. */
const ROUNDING = 1e-12;

/** Seasons in rows that the calendar suggests, e.g. 24 and 168 for hourly rows; shortest first. */
export function seasonCandidates({ stepMs, businessDays }: Frequency): number[] {
  if (businessDays) return [BUSINESS_WEEK];
  const cycles = CYCLES_MS.map((cycle) => cycle / stepMs).filter(Number.isInteger);
  const year = stepMs >= DAY_MS ? [Math.round(YEAR_MS / stepMs)] : [];
  return [...cycles, ...year].filter((rows) => rows >= 2);
}

/**
 * The candidates that the autocorrelation of the fit rows confirms: it is clearly higher at the season than half a
 * season to either side; or, where a shorter season is confirmed, than one of those to either side, once that one's
 * mean profile is taken away. `columns`: the targets, finite, fit rows alone. `longest`: rows of the longest season
 * that has room.
 */
export function detectSeasons(
  columns: readonly Float64Array[],
  frequency: Frequency,
  longest: number,
): number[] {
  const rows = columns[0]?.length ?? 0;
  let residuals = columns.map(withoutTrend);
  const power = residuals.map((values) => sumOfProducts(values, 0));
  const confirmed: number[] = [];
  for (const period of seasonCandidates(frequency)) {
    const aside = confirmed.at(-1) ?? Math.floor(period / 2);
    if (period > longest || 2 * period > rows || period + aside >= rows) continue;
    // What is left of a column that its profile explains is rounding, not a season.
    const varying = residuals.filter(
      (values, index) => sumOfProducts(values, 0) > ROUNDING * (power[index] ?? 0),
    );
    if (!peaksAt(varying, period, aside)) continue;
    confirmed.push(period);
    residuals = residuals.map((values) => withoutProfile(values, period));
  }
  return confirmed;
}

function peaksAt(columns: readonly Float64Array[], period: number, aside: number): boolean {
  const noise = 1 / Math.sqrt(columns[0]?.length ?? 1);
  const [at = 0, before = 0, after = 0] = [period, period - aside, period + aside].map((lag) =>
    meanAutocorrelation(columns, lag),
  );
  return at > Math.max(WEAKEST, 3 * noise, before + noise, after + noise);
}

function meanAutocorrelation(columns: readonly Float64Array[], lag: number): number {
  if (columns.length === 0) return 0;
  const each = columns.map((values) => {
    const shorter = values.length / (values.length - lag);
    return (sumOfProducts(values, lag) / sumOfProducts(values, 0)) * shorter;
  });
  return compensatedSum(each) / each.length;
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
