import { seasonalIndices } from '../../statistics/decomposition.ts';
import { searchSimplex } from '../../statistics/search-simplex.ts';
import {
  createRings,
  filter,
  neighbour,
  setRings,
  stateOf,
  type CesForm,
  type CesModel,
  type CesSmoothing,
  type CesState,
  type Rings,
} from './recursion.ts';

const SEARCH = { evaluations: 250, tolerance: 0.01 };
const [START, EDGE] = [1.3, 0.15];
/** Residuals below this part of the values are rounding. */
const RESOLUTION = 1e-9;
/** Rows that the first level is the mean of, at least. */
const LEVEL_ROWS = 6;

export interface FittedCes {
  readonly form: CesForm;
  readonly smoothing: CesSmoothing;
  readonly start: CesState;
  readonly variance: number;
  /** AICc without the likelihood's constant; comparable on the same values alone. */
  readonly criterion: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

export interface SearchOf {
  readonly form: CesForm;
  /** Values of about one, NaN where missing. */
  readonly values: Float64Array;
  /** The same without gaps. */
  readonly filled: Float64Array;
  readonly period: number;
  readonly known: number;
}

/** Smoothing parameters and initial states: what the criterion counts, with the variance. */
export function countParameters(form: CesForm, period: number): number {
  if (form === 'none') return 5;
  if (form === 'simple') return 3 + 2 * period;
  return form === 'partial' ? 6 + period : 7 + 2 * period;
}

export function fitCes(of: SearchOf): FittedCes {
  const { form, known, period, values } = of;
  const backcast = backcaster(of);
  const rounding = known * RESOLUTION ** 2;
  const evaluate = (x: readonly number[]): number => {
    const smoothing = decode(form, x);
    if (!isStable(form, smoothing)) return Number.POSITIVE_INFINITY;
    return known * Math.log(backcast.squaresOf(smoothing) + rounding);
  };
  const start = startOf(form);
  const edges = start.map((value) => (value === START ? -EDGE : EDGE));
  const minimum = searchSimplex(evaluate, start, { ...SEARCH, edges });
  const smoothing = decode(form, minimum.x);
  const squares = backcast.squaresOf(smoothing);
  const count = countParameters(form, period);
  const freedom = known - count - 1;
  return {
    form,
    smoothing,
    start: backcast.stateOf(smoothing),
    variance: squares / Math.max(1, values.length - count),
    criterion: minimum.value + (freedom > 0 ? 2 * count + (2 * count * (count + 1)) / freedom : Infinity),
    evaluations: 3 * minimum.evaluations,
    converged: minimum.converged,
  };
}

/** Initial states at given smoothing parameters, from these rows alone. */
export function backcastState(of: SearchOf, smoothing: CesSmoothing): CesState {
  return backcaster(of).stateOf(smoothing);
}

function startOf(form: CesForm): number[] {
  if (form === 'partial') return [START, 1, 0.1];
  return form === 'full' ? [START, 1, START, 1] : [START, 1];
}

function decode(form: CesForm, [a0 = 0, a1 = 0, b0 = 0, b1 = 0]: readonly number[]): CesSmoothing {
  return { level: [a0, a1], season: form === 'full' ? [b0, b1] : form === 'partial' ? [b0, 0] : [0, 0] };
}

/** Whether errors of the past are forgotten: the discount matrix has its eigenvalues inside the unit circle (section 3.3). */
function isStable(form: CesForm, { level, season }: CesSmoothing): boolean {
  const complex = ([real, imaginary]: readonly [number, number]): boolean => {
    const determinant = (1 - real + imaginary) * (1 - real) + (1 - imaginary) * (1 - real - imaginary);
    return Math.abs(determinant) < 1 && Math.abs(2 - 2 * real + imaginary) < 1 + determinant;
  };
  if (!complex(level)) return false;
  if (form === 'partial') return season[0] >= 0 && season[0] < 1;
  return form !== 'full' || complex(season);
}

interface Backcast {
  /** Sets the initial state, and gives the sum of squares that it leads to. */
  readonly squaresOf: (smoothing: CesSmoothing) => number;
  readonly stateOf: (smoothing: CesSmoothing) => CesState;
}

/**
 * Initial states by backcasting: forwards from a first guess, back from where that ends, and what that comes to begins the
 * pass whose errors count.
 */
function backcaster({ form, values, filled, period }: SearchOf): Backcast {
  const guess = guessOf(form, filled, period);
  const [rings, fitted] = [createRings(form, period), new Float64Array(values.length)];
  const backcast = (model: CesModel): void => {
    setRings(rings, guess);
    filter(values, rings, model, { fitted });
    turn(rings, true);
    filter(values, rings, model, { fitted, backwards: true });
    turn(rings, false);
  };
  return {
    squaresOf: (smoothing) => {
      backcast({ form, smoothing });
      return filter(values, rings, { form, smoothing }, { fitted });
    },
    stateOf: (smoothing) => {
      backcast({ form, smoothing });
      return stateOf(rings);
    },
  };
}

/** From the next row's place to the last one's, or the other way round. */
function turn(rings: Rings, backwards: boolean): void {
  rings.level = neighbour(rings.level, rings.levels.length, backwards);
  rings.season = neighbour(rings.season, rings.seasons.length, backwards);
}

function guessOf(form: CesForm, filled: Float64Array, period: number): CesState {
  const first = filled.subarray(0, Math.max(LEVEL_ROWS, period));
  const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
  const seasonal = form === 'partial' || form === 'full';
  const seasons = seasonal ? [...seasonalIndices(filled, period, 'additive')] : [0];
  const levels = form === 'simple' ? [...filled.subarray(0, period)] : [mean];
  const damp = (values: readonly number[]): number[] => values.map((value) => value / 1.1);
  const seasonPotentials = form === 'full' ? damp(seasons) : seasons.map(() => 0);
  return { levels, potentials: damp(levels), seasons, seasonPotentials };
}
