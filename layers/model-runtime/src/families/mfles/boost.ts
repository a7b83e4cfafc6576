import { fourierColumns, type Fourier } from '../../statistics/fourier.ts';
import { factorSymmetric, solveFactored } from '../../statistics/least-squares.ts';

/** What a fit consists of; chosen by forecasts of the last rows. */
export interface Configuration {
  /** Of the logarithms: seasons in proportion to the level. */
  readonly logarithms: boolean;
  /** Places where the trend may bend. */
  readonly bends: number;
  /** Cycles a season at most. */
  readonly terms: number;
}

export interface Components {
  /** Of 1, the row and its distance from each bend on. */
  readonly trend: readonly number[];
  /** Rows at which the trend may bend. */
  readonly bends: readonly number[];
  readonly fourier: readonly (Fourier & { readonly coefficients: readonly number[] })[];
  /** Smoothed level of what trend and seasons leave. */
  readonly level: number;
  readonly alpha: number;
  /** How far the slope at the end can be trusted: the part of the variance that the trend explains. */
  readonly trust: number;
  readonly rows: number;
}

export interface Boosted {
  readonly components: Components;
  readonly residuals: Float64Array;
  readonly rounds: number;
}

/** Part of each learner's fit that is taken over in a round; rounds at most; improvement that ends them. */
const [RATE, ROUNDS, IMPROVEMENT] = [0.9, 30, 0.005];
/** Penalty on bends and cycles, in rows. */
const [BEND_PENALTY, CYCLE_PENALTY] = [5, 0.1];
const ALPHAS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9] as const;

/** Ridge regression on fixed columns: factored once, fitted to what is left in every round. */
class Learner {
  readonly #columns: readonly Float64Array[];
  readonly #factor: Float64Array;
  readonly coefficients: number[];

  constructor(columns: readonly Float64Array[], penalties: readonly number[]) {
    const size = columns.length;
    this.#columns = columns;
    this.coefficients = columns.map(() => 0);
    this.#factor = new Float64Array(size * size);
    for (const [i, column] of columns.entries())
      for (let j = 0; j <= i; j += 1) {
        const product = dot(column, columns[j] ?? column) + (i === j ? (penalties[i] ?? 0) : 0);
        this.#factor[i * size + j] = product;
        this.#factor[j * size + i] = product;
      }
    factorSymmetric(this.#factor, size);
  }

  /** Takes its fit off the values. */
  learn(rest: Float64Array): void {
    const right = Float64Array.from(this.#columns, (column) => dot(column, rest));
    const step = solveFactored(this.#factor, right);
    for (const [at, column] of this.#columns.entries()) {
      const change = RATE * (step[at] ?? 0);
      this.coefficients[at] = (this.coefficients[at] ?? 0) + change;
      for (let row = 0; row < rest.length; row += 1)
        rest[row] = (rest[row] ?? 0) - change * (column[row] ?? 0);
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < a.length; row += 1) sum += (a[row] ?? 0) * (b[row] ?? 0);
  return sum;
}

/** Boosts a bending trend and the seasons' cycles in turns, and smooths what they leave. Values of about one, without gaps. */
export function boost(
  values: Float64Array,
  seasons: readonly number[],
  configuration: Configuration,
): Boosted {
  const rows = values.length;
  const bends = Array.from({ length: configuration.bends }, (_, at) =>
    Math.round(((at + 1) * 0.8 * rows) / (configuration.bends + 1)),
  );
  const trend = new Learner(trendColumns(bends, rows), [1e-9, 1e-9, ...bends.map(() => BEND_PENALTY)]);
  const waves = seasons.map((season) => ({
    season,
    terms: Math.min(configuration.terms, Math.floor(season / 2)),
  }));
  const cycles = waves.map((wave) => {
    const columns = fourierColumns(wave, 0, rows);
    return new Learner(
      columns,
      columns.map(() => CYCLE_PENALTY),
    );
  });
  const rest = Float64Array.from(values);
  let squares = dot(rest, rest);
  let rounds = 0;
  for (; rounds < ROUNDS; rounds += 1) {
    trend.learn(rest);
    for (const cycle of cycles) cycle.learn(rest);
    const left = dot(rest, rest);
    if (left > (1 - IMPROVEMENT) * squares) break;
    squares = left;
  }
  const { alpha, level, residuals } = smooth(rest);
  const fourier = waves.map((wave, at) => ({ ...wave, coefficients: cycles[at]?.coefficients ?? [] }));
  const trust = explainedBy(trend.coefficients, bends, rest);
  return {
    components: { trend: trend.coefficients, bends, fourier, level, alpha, trust, rows },
    residuals,
    rounds,
  };
}

function trendColumns(bends: readonly number[], rows: number): Float64Array[] {
  const column = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => of(row));
  return [
    column(() => 1),
    column((row) => row / rows),
    ...bends.map((bend) => column((row) => Math.max(0, row - bend) / rows)),
  ];
}

/** The part of trend and rest that is the trend. */
function explainedBy(coefficients: readonly number[], bends: readonly number[], rest: Float64Array): number {
  const line = rest.map((_, row) => trendAt({ trend: coefficients, bends, rows: rest.length }, row));
  const variance = (of: Float64Array): number => {
    const mean = of.reduce((sum, value) => sum + value, 0) / of.length;
    return of.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const [ofLine, ofRest] = [variance(line), variance(rest)];
  return ofLine + ofRest > 0 ? ofLine / (ofLine + ofRest) : 0;
}

function trendAt({ trend, bends, rows }: Pick<Components, 'trend' | 'bends' | 'rows'>, row: number): number {
  const [constant = 0, slope = 0, ...turns] = trend;
  let value = constant + (slope * row) / rows;
  for (const [at, bend] of bends.entries()) value += ((turns[at] ?? 0) * Math.max(0, row - bend)) / rows;
  return value;
}

interface Smoothed {
  readonly alpha: number;
  readonly level: number;
  readonly residuals: Float64Array;
}

/** Simple exponential smoothing, whose parameter has the smallest one-step errors. */
function smooth(values: Float64Array): Smoothed {
  const tried = ALPHAS.map((alpha) => {
    let level = 0;
    const residuals = values.map((value) => {
      const residual = value - level;
      level += alpha * residual;
      return residual;
    });
    return { alpha, level, residuals };
  });
  const squares = tried.map(({ residuals }) => dot(residuals, residuals));
  return tried[squares.indexOf(Math.min(...squares))] ?? { alpha: 0, level: 0, residuals: values };
}

/** The next rows; the trend goes on as steeply as it can be trusted. */
export function extrapolate(components: Components, steps: number): Float64Array {
  const { fourier, level, trust, rows } = components;
  const end = trendAt(components, rows - 1);
  const slope = (trendAt(components, rows) - end) * trust;
  const points = Float64Array.from({ length: steps }, (_, step) => end + slope * (step + 1) + level);
  for (const wave of fourier)
    for (const [at, column] of fourierColumns(wave, rows, steps).entries())
      for (let step = 0; step < steps; step += 1)
        points[step] = (points[step] ?? 0) + (wave.coefficients[at] ?? 0) * (column[step] ?? 0);
  return points;
}
