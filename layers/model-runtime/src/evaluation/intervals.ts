import type { Forecast } from '../types.ts';
import type { HalfWidths } from './conformal.ts';

/** `conformal`: from errors on rows that nothing had seen; `model`: from the family's own variance, as if errors were normal. */
export type IntervalMethod = 'conformal' | 'model';

/** One level of one target: bounds of each step, original units; null where neither errors nor a variance say anything. */
export interface Interval {
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
  /** Of the first step. */
  readonly method: IntervalMethod | null;
}

/** By level, then target. */
export type Intervals = Readonly<Record<string, Readonly<Record<string, Interval>>>>;

/** Intervals around a forecast, wider with the level, never of negative width. */
export function intervalsOf(forecast: Forecast, halfWidths: HalfWidths): Intervals {
  const levels = Object.keys(halfWidths).toSorted((a, b) => Number(a) - Number(b));
  const result: Record<string, Record<string, Interval>> = {};
  for (const [index, level] of levels.entries()) {
    const below = result[levels[index - 1] ?? ''];
    const targets = Object.entries(forecast.values).map(([target, values]) => {
      const known = halfWidths[level]?.[target] ?? [];
      const deviations = forecast.deviations?.[target];
      const normal = normalQuantile(0.5 + Number(level) / 200);
      const own = (step: number): number | null => {
        const deviation = deviations?.[step];
        return deviation === undefined || !Number.isFinite(deviation) ? null : normal * deviation;
      };
      const widths = [...values].map((_, step) => known[step] ?? own(step));
      const method = known[0] === null || known[0] === undefined ? 'model' : 'conformal';
      return [target, around(values, widths, { method, below: below?.[target] })] as const;
    });
    result[level] = Object.fromEntries(targets);
  }
  return result;
}

function around(
  values: Float64Array,
  widths: readonly (number | null)[],
  { method, below }: { readonly method: IntervalMethod; readonly below: Interval | undefined },
): Interval {
  const lower = widths.map((width, step) => {
    if (width === null) return null;
    return Math.min((values[step] ?? Number.NaN) - width, below?.lower[step] ?? Number.POSITIVE_INFINITY);
  });
  const upper = widths.map((width, step) => {
    if (width === null) return null;
    return Math.max((values[step] ?? Number.NaN) + width, below?.upper[step] ?? Number.NEGATIVE_INFINITY);
  });
  return { lower, upper, method: widths[0] === null || widths[0] === undefined ? null : method };
}

/** Of the standard normal distribution, by bisection of its distribution function. share: within (0.5, 1). */
export function normalQuantile(share: number): number {
  let [low, high] = [0, 10];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz and Stegun 1964, 26.2.11: a series without cancellation. x: from 0 on. */
function normalShare(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && term > 1e-17 * sum; n += 1) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
