import { compensatedSum, type Frequency } from '@flts/model-runtime';
import { DAY_MS } from '../../shared/dataset/spacing.ts';
import type { Column } from '../columns/column.ts';
import { profileOf, sumOfProducts, sumsAtLags, trendOf } from './decompose.ts';
import { MOST_ROWS, newestRows } from './newest-rows.ts';

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
 * mean profile is taken away. `columns`: the targets, finite, fit rows alone, of which the newest are looked at (2^21 of
 * them), one column in memory at a time. `longest`: rows of the longest season that has room.
 */
export function detectSeasons(columns: readonly Column[], frequency: Frequency, longest: number): number[] {
  const rows = Math.min(columns[0]?.length ?? 0, MOST_ROWS);
  const room = new Float64Array(rows);
  const residuals = columns.map((column) => createResidual(column, room));
  const confirmed: number[] = [];
  for (const period of seasonCandidates(frequency)) {
    const aside = confirmed.at(-1) ?? Math.floor(period / 2);
    if (period > longest || 2 * period > rows || period + aside >= rows) continue;
    const correlations = residuals.flatMap((residual) =>
      correlationsOf(residual, [period, period - aside, period + aside]),
    );
    if (!peaks(correlations, rows)) continue;
    confirmed.push(period);
    for (const residual of residuals) residual.remove(period);
  }
  return confirmed;
}

/** What is left of a column's newest rows once its trend and profiles are taken away. Holds those, not the rows. */
interface Residual {
  /** Of the rows without their trend. */
  readonly power: number;
  readonly values: () => Float64Array;
  /** Takes away the profile of a season. */
  remove(period: number): void;
}

/** Its values are in `room`, which residuals share: they are those of the one asked last. */
function createResidual(column: Column, room: Float64Array): Residual {
  const removals = [trendOf(newestRows(column, room))];
  const values = (): Float64Array => {
    const rows = newestRows(column, room);
    for (const remove of removals) remove(rows);
    return rows;
  };
  return {
    power: sumOfProducts(values(), 0),
    values,
    remove: (period) => void removals.push(profileOf(values(), period)),
  };
}

/** Autocorrelation at each lag; nothing of a column that its profiles explain: what is left of it is rounding, not a season. */
function correlationsOf({ power, values }: Residual, lags: readonly [number, number, number]): number[][] {
  const rows = values();
  const [left = 0, ...sums] = sumsAtLags(rows, [0, ...lags]);
  if (!(left > ROUNDING * power)) return [];
  return [lags.map((lag, index) => ((sums[index] ?? 0) / left) * (rows.length / (rows.length - lag)))];
}

/** Whether the first correlation of each column is, on average, clearly higher than the two others. */
function peaks(correlations: readonly (readonly number[])[], rows: number): boolean {
  const noise = 1 / Math.sqrt(rows);
  const [at = 0, before = 0, after = 0] = [0, 1, 2].map((lag) =>
    mean(correlations.map((each) => each[lag] ?? 0)),
  );
  return at > Math.max(WEAKEST, 3 * noise, before + noise, after + noise);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : compensatedSum(values) / values.length;
}

/**
 * Follows rows that come in pieces and finds, for each range of times [from, to), the longest stretch of rows without a gap
 * that reaches into it, counted from its block's first row.
 */
export function createStretches(ranges: readonly { readonly from: number; readonly to: number }[]): {
  push(ts: Float64Array, block: Int32Array): void;
  /** Rows, one for each range. */
  longest(): number[];
} {
  const longest = ranges.map(() => 0);
  let [current, rows] = [-1, 0];
  return {
    push: (ts, block) => {
      for (let row = 0; row < ts.length; row += 1) {
        rows = block[row] === current ? rows + 1 : 1;
        current = block[row] ?? 0;
        const at = ts[row] ?? 0;
        for (const [index, { from, to }] of ranges.entries())
          if (at >= from && at < to) longest[index] = Math.max(longest[index] ?? 0, rows);
      }
    },
    longest: () => longest,
  };
}
