export interface SimplexOptions {
  /** Edge of the first simplex, one a variable. */
  readonly edges: readonly number[];
  /** Bound of the work. */
  readonly evaluations: number;
  /** Converged where the values at all corners differ by less. */
  readonly tolerance: number;
}

export interface SimplexMinimum {
  readonly x: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

interface Corner {
  readonly x: readonly number[];
  readonly value: number;
}

/**
 * Nelder and Mead's simplex (1965) with the usual coefficients 1, 2, 1/2 and 1/2: for few variables, without a gradient. A value
 * that is not finite rejects x.
 */
export function searchSimplex(
  evaluate: (x: readonly number[]) => number,
  start: readonly number[],
  { edges, evaluations: bound, tolerance }: SimplexOptions,
): SimplexMinimum {
  let evaluations = 0;
  const corner = (x: readonly number[]): Corner => {
    evaluations += 1;
    const value = evaluate(x);
    return { x, value: Number.isFinite(value) ? value : Number.POSITIVE_INFINITY };
  };
  const move = (at: number, edge: number): number[] =>
    start.map((value, i) => (i === at ? value + edge : value));
  let corners = [corner(start), ...edges.map((edge, at) => corner(move(at, edge)))];
  for (;;) {
    corners = corners.toSorted((a, b) => a.value - b.value);
    const [best, worst, second] = [corners[0], corners.at(-1), corners.at(-2)];
    if (best === undefined || worst === undefined || second === undefined)
      throw new RangeError(`expected at least one variable, got ${start.length}`);
    const converged = !(worst.value - best.value >= tolerance);
    if (converged || evaluations >= bound) return { ...best, evaluations, converged };
    const others = corners.slice(0, -1);
    const centre = start.map((_, i) => others.reduce((sum, { x }) => sum + (x[i] ?? 0), 0) / others.length);
    const along = (factor: number): Corner =>
      corner(centre.map((middle, i) => middle + factor * ((worst.x[i] ?? 0) - middle)));
    const next = replacement({ best, second, worst }, along);
    if (next !== undefined) corners = [...others, next];
    else
      corners = [
        best,
        ...corners.slice(1).map(({ x }) => corner(x.map((value, i) => (value + (best.x[i] ?? 0)) / 2))),
      ];
  }
}

type Ranked = Readonly<Record<'best' | 'second' | 'worst', Corner>>;

/** What takes the place of the worst corner; undefined where the whole simplex has to shrink. */
function replacement({ best, second, worst }: Ranked, along: (factor: number) => Corner): Corner | undefined {
  const reflected = along(-1);
  if (reflected.value < best.value) {
    const expanded = along(-2);
    return expanded.value < reflected.value ? expanded : reflected;
  }
  if (reflected.value < second.value) return reflected;
  const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
  return contracted.value < Math.min(worst.value, reflected.value) ? contracted : undefined;
}
