import { moments } from '../scaling/moments.ts';
import { inOnePiece } from '../scaling/piecewise.ts';
import type { Segments, Series } from '../types.ts';

/** Population standard deviation of each target's known truth in `fit`: the unit of the score. 0 for a constant one. */
export function fitStandardDeviations(
  series: Series,
  { fit }: Segments,
  targets: readonly string[],
): Record<string, number> {
  const entries = targets.map((name) => {
    const known = (series.actual[name] ?? new Float64Array())
      .subarray(fit.start, fit.end)
      .filter((value) => !Number.isNaN(value));
    return [name, known.length === 0 ? 0 : moments(inOnePiece(known)).deviation] as const;
  });
  return Object.fromEntries(entries);
}
