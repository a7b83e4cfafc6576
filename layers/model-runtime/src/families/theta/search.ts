import { searchLine } from '../../statistics/search-line.ts';
import { filter, linesOf, startState, type Lines, type ThetaLine, type ThetaState } from './recursion.ts';

/** Fiorucci et al. 2016, section 3: standard (theta = 2) or optimised, with a line that stands or moves. */
export const VARIANTS = ['STM', 'OTM', 'DSTM', 'DOTM'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Bounds of alpha; the search for it. */
const ALPHA = [0.05, 0.99] as const;
const SEARCH = { points: 8, tolerance: 0.01 };
/** Residuals that say more about the initial state than about the model. */
const SKIPPED = 1;
const STANDARD_WEIGHT = 0.5;

export interface FittedTheta {
  readonly variant: Variant;
  readonly line: ThetaLine;
  readonly start: ThetaState;
  readonly squares: number;
  /** Residual variance. */
  readonly variance: number;
  readonly evaluations: number;
}

export interface Solution {
  readonly level: number;
  readonly weight: number;
  readonly squares: number;
}

/** Sums over the rows, from which the initial level and the weight follow. */
interface Sums {
  readonly levels: number;
  readonly both: number;
  readonly pulls: number;
  readonly levelValues: number;
  readonly pullValues: number;
  readonly squares: number;
}

/** Given alpha a forecast is linear in the initial level and the line's weight: one pass collects their normal equations. */
export function sumsOf(values: Float64Array, { intercepts, slopes }: Lines, alpha: number): Sums {
  const keep = 1 - alpha;
  const inverse = 1 / alpha;
  let [levels, both, pulls, levelValues, pullValues, squares] = [0, 0, 0, 0, 0, 0];
  let decay = 1;
  let known = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    if (row >= SKIPPED) {
      const pull = decay * (intercepts[row] ?? 0) + (1 - keep * decay) * inverse * (slopes[row] ?? 0);
      const rest = value - known;
      levels += decay * decay;
      both += decay * pull;
      pulls += pull * pull;
      levelValues += decay * rest;
      pullValues += pull * rest;
      squares += rest * rest;
    }
    known = alpha * value + keep * known;
    decay *= keep;
  }
  return { levels, both, pulls, levelValues, pullValues, squares };
}

/** Least squares, the weight held at what is given, or between 0 and 1. */
export function solve(sums: Sums, held?: number): Solution {
  const { levels, both, pulls, levelValues, pullValues, squares } = sums;
  const determinant = levels * pulls - both * both;
  const best =
    determinant > 1e-12 * levels * pulls ? (levels * pullValues - both * levelValues) / determinant : 0;
  const weight = held ?? Math.min(1, Math.max(0, best));
  const level = (levelValues - weight * both) / levels;
  const explained = level * (2 * levelValues - level * levels) + weight * (2 * pullValues - weight * pulls);
  return { level, weight, squares: squares - explained + 2 * level * weight * both };
}

export function fitTheta(values: Float64Array, variant: Variant): FittedTheta {
  const dynamic = variant.startsWith('D');
  const held = variant.endsWith('STM') ? STANDARD_WEIGHT : undefined;
  const lines = linesOf(values, dynamic);
  const at = (alpha: number): Solution => solve(sumsOf(values, lines, alpha), held);
  const { x: alpha, evaluations } = searchLine((tried) => at(tried).squares, ALPHA, SEARCH);
  const { level, weight } = at(alpha);
  const line = { alpha, weight, dynamic };
  const start = startState(lines, level);
  const squares = sumSquares(values, line, start);
  const freedom = Math.max(1, values.length - SKIPPED - (held === undefined ? 3 : 2));
  return { variant, line, start, squares, variance: squares / freedom, evaluations: evaluations + 2 };
}

/** By the recursion itself: differences of large sums would not show a fit that is perfect. */
function sumSquares(values: Float64Array, line: ThetaLine, start: ThetaState): number {
  const fitted = new Float64Array(values.length);
  filter(line, start, values, fitted);
  let squares = 0;
  for (let row = SKIPPED; row < values.length; row += 1)
    squares += ((values[row] ?? 0) - (fitted[row] ?? 0)) ** 2;
  return squares;
}
