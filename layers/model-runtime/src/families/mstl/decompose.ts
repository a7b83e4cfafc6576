import { stl } from '../../statistics/stl.ts';

/** Times that each season is looked at, the others taken out. */
const ROUNDS = 2;

/** One column a season; what is left is the values less all of them. */
export interface Seasons {
  readonly seasonal: readonly Float64Array[];
  readonly adjusted: Float64Array;
}

/**
 * Several seasons one after the other, the shortest first (Bandara, Hyndman and Bergmeir 2021, algorithm 1), with windows of 11,
 * 15, 19 … seasons. Values without gaps, over two of each.
 */
export function decompose(values: Float64Array, seasons: readonly number[]): Seasons {
  const seasonal = seasons.map(() => new Float64Array(values.length));
  const adjusted = Float64Array.from(values);
  for (let round = 0; round < (seasons.length > 1 ? ROUNDS : 1); round += 1)
    for (const [at, season] of seasons.entries()) {
      const own = seasonal[at] ?? adjusted;
      for (let row = 0; row < values.length; row += 1) adjusted[row] = (adjusted[row] ?? 0) + (own[row] ?? 0);
      own.set(stl(adjusted, { season, window: 11 + 4 * at, degree: 0 }).seasonal);
      for (let row = 0; row < values.length; row += 1) adjusted[row] = (adjusted[row] ?? 0) - (own[row] ?? 0);
    }
  return { seasonal, adjusted };
}
