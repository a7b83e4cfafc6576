import type { Backtest, Series } from '../types.ts';

export interface CalibrationOf {
  /** Forecasts of rows that no fit and no choice has seen. */
  readonly backtest: Backtest;
  readonly series: Series;
  readonly origins: Int32Array;
  readonly horizon: number;
  readonly targets: readonly string[];
  /** Percent, within (0, 100). */
  readonly levels: readonly number[];
}

/** By level ("80"), then target: half the width of the interval at each step, original units; null where too little is known. */
export type HalfWidths = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;

/**
 * Split conformal prediction (Lei et al. 2018, algorithm 2), for each target and step by itself: of n absolute errors the
 * one at place ceil((n + 1) level). Errors of windows that overlap are alike, so that disjoint windows count: where there are
 * fewer than level / (1 - level) of them, the place lies beyond the last, and nothing is said.
 */
export function conformalHalfWidths({ levels, targets, ...of }: CalibrationOf): HalfWidths {
  const windows = disjointWindows(of.origins, of.horizon);
  return Object.fromEntries(
    levels.map((level) => {
      const share = level / 100;
      const isEnough = windows >= share / (1 - share);
      const widths = targets.map((target) => [target, widthsOf({ ...of, target, share, isEnough })]);
      return [String(level), Object.fromEntries(widths)];
    }),
  );
}

/** How many windows fit in without overlapping, the first one first. */
export function disjointWindows(origins: Int32Array, horizon: number): number {
  let count = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const origin of origins) {
    if (origin < free) continue;
    count += 1;
    free = origin + horizon;
  }
  return count;
}

interface WidthsOf extends Omit<CalibrationOf, 'levels' | 'targets'> {
  readonly target: string;
  readonly share: number;
  readonly isEnough: boolean;
}

function widthsOf({
  backtest,
  series,
  origins,
  horizon,
  target,
  share,
  isEnough,
}: WidthsOf): (number | null)[] {
  const predicted = backtest.values[target] ?? new Float64Array();
  const actual = series.actual[target] ?? new Float64Array();
  return Array.from({ length: horizon }, (_, step) => {
    const errors = Float64Array.from(origins, (origin, index) =>
      Math.abs((predicted[index * horizon + step] ?? Number.NaN) - (actual[origin + step] ?? Number.NaN)),
    ).filter((error) => !Number.isNaN(error));
    const place = Math.ceil((errors.length + 1) * share);
    if (!isEnough || place > errors.length) return null;
    return errors.toSorted()[place - 1] ?? null;
  });
}
