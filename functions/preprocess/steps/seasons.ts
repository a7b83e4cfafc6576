import { compensatedSum, type Frequency } from '@flts/model-runtime';
import { DAY_MS } from '../../shared/dataset/spacing.ts';
import type { Column } from '../columns/column.ts';
import { inParallel, type Work } from '../progress.ts';
import type { Removal } from './decompose.ts';
import { MOST_ROWS } from './newest-rows.ts';

/** Lengths of the calendar's own cycles; a year in days is rounded to whole rows. */
const CYCLES_MS = [60_000, 3_600_000, DAY_MS, 7 * DAY_MS];
const YEAR_MS = 365.2425 * DAY_MS;
const BUSINESS_WEEK = 5;
/** Below this autocorrelation a cycle is not worth a season. */
const WEAKEST = 0.1;
/** Share of a column's power. */
const ROUNDING = 1e-12;

/** Seasons in rows that the calendar suggests, e.g. 24 and 168 for hourly rows; shortest first. */
export function seasonCandidates({ stepMs, businessDays, months }: Frequency): number[] {
  if (months !== undefined) return [12 / months.count].filter((rows) => Number.isInteger(rows) && rows >= 2);
  if (businessDays) return [BUSINESS_WEEK];
  const cycles = CYCLES_MS.map((cycle) => cycle / stepMs).filter(Number.isInteger);
  const year = stepMs >= DAY_MS ? [Math.round(YEAR_MS / stepMs)] : [];
  return [...cycles, ...year].filter((rows) => rows >= 2);
}

/**
 * The candidates that the autocorrelation of the fit rows confirms: it is clearly higher at the season than half a
 * season to either side; or, where a shorter season is confirmed, than one of those to either side, once that one's
 * mean profile is taken away. `columns`: the targets, finite, fit rows alone, of which the newest are looked at (2^21 of
 * them), one column in a thread's memory at a time. `longest`: rows of the longest season that has room. `meanwhile`: what is done
 * beside, as far as there is time.
 */
export function* detectSeasons(
  columns: readonly Column[],
  frequency: Frequency,
  longest: number,
  meanwhile?: Work<unknown>,
): Work<number[]> {
  const rows = Math.min(columns[0]?.length ?? 0, MOST_ROWS);
  const trends = yield* inParallel(
    'trendOfColumn',
    columns.map((values) => ({ columns: { values }, input: undefined })),
    { ...progressTo(0.3), meanwhile },
  );
  const rests = columns.map((values, index): Rest => {
    const trend = trends[index];
    return { values, removals: trend === undefined ? [] : [trend.trend], power: trend?.power ?? 0 };
  });
  const confirmed: number[] = [];
  for (const period of seasonCandidates(frequency)) {
    const aside = confirmed.at(-1) ?? Math.floor(period / 2);
    if (period > longest || 2 * period > rows || period + aside >= rows) continue;
    const lags = [period, period - aside, period + aside] as const;
    const correlations = yield* correlationsOf(rests, lags, { rows, meanwhile });
    if (!peaks(correlations, rows)) continue;
    confirmed.push(period);
    yield* takeProfiles(rests, period, meanwhile);
  }
  return confirmed;
}

/** A column, and what is taken away from its newest rows: its trend and profiles. */
interface Rest {
  readonly values: Column;
  readonly removals: Removal[];
  /** Of the rows without their trend. */
  readonly power: number;
}

const progressTo = (share: number) => ({ phase: 'derive', from: share - 0.1, to: share }) as const;

/** Autocorrelation at each lag; nothing of a column that its profiles explain: what is left of it is rounding, not a season. */
function* correlationsOf(
  rests: readonly Rest[],
  lags: readonly [number, number, number],
  { rows, meanwhile }: { readonly rows: number; readonly meanwhile: Work<unknown> | undefined },
): Work<number[][]> {
  const sums = yield* inParallel(
    'autocorrelations',
    rests.map(({ values, removals }) => ({
      columns: { values },
      input: { removals, lags: [0, ...lags] as const },
    })),
    { ...progressTo(0.4), meanwhile },
  );
  return sums.flatMap(([left = 0, ...products], index) =>
    left > ROUNDING * (rests[index]?.power ?? 0)
      ? [lags.map((lag, at) => ((products[at] ?? 0) / left) * (rows / (rows - lag)))]
      : [],
  );
}

/** Takes the profile of a season away from each. */
function* takeProfiles(
  rests: readonly Rest[],
  period: number,
  meanwhile: Work<unknown> | undefined,
): Work<void> {
  const profiles = yield* inParallel(
    'profileOfRest',
    rests.map(({ values, removals }) => ({ columns: { values }, input: { removals, period } })),
    { ...progressTo(0.5), meanwhile },
  );
  for (const [index, profile] of profiles.entries()) rests[index]?.removals.push(profile);
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
