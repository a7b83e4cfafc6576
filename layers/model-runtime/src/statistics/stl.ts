import { loess, type Degree } from './loess.ts';

export interface Decomposition {
  readonly trend: Float64Array;
  readonly seasonal: Float64Array;
}

export interface StlOptions {
  /** Rows. */
  readonly season: number;
  /** Seasons that a seasonal state is smoothed over: odd. */
  readonly window: number;
  /** 0: seasonal states keep their level at the ends; 1: they keep their slope. */
  readonly degree: Degree;
}

/** Rounds between the season and the trend: enough without weights for outliers. */
const ROUNDS = 5;

/** The next odd number. */
function odd(number: number): number {
  return number % 2 === 0 ? number + 1 : number;
}

/**
 * Seasonal and trend decomposition by loess, without weights for outliers (Cleveland, Cleveland, McRae and Terpenning 1990,
 * section 2.1): values without gaps over at least two seasons.
 */
export function stl(values: Float64Array, options: StlOptions): Decomposition {
  const { season, window } = options;
  const trendWindow = odd(Math.ceil((1.5 * season) / (1 - 1.5 / window)));
  let trend: Float64Array = new Float64Array(values.length);
  let seasonal: Float64Array = new Float64Array(values.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const detrended = values.map((value, row) => value - (trend[row] ?? 0));
    const cycles = smoothCycles(detrended, options);
    const averaged = average(average(average(cycles, season), season), 3);
    const low = loess(averaged, { window: odd(season + 1), degree: 1 });
    seasonal = low.map((value, row) => (cycles[row + season] ?? 0) - value);
    trend = loess(
      values.map((value, row) => value - (seasonal[row] ?? 0)),
      { window: trendWindow, degree: 1 },
    );
  }
  return { trend, seasonal };
}

/** Each phase smoothed by itself, and one season further on both sides. */
function smoothCycles(values: Float64Array, { season, window, degree }: StlOptions): Float64Array {
  const smooth = new Float64Array(values.length + 2 * season);
  for (let phase = 0; phase < season; phase += 1) {
    const count = Math.ceil((values.length - phase) / season);
    const cycle = Float64Array.from({ length: count }, (_, at) => values[phase + at * season] ?? 0);
    const longer = loess(cycle, { window, degree, margin: 1 });
    for (const [at, value] of longer.entries()) smooth[phase + at * season] = value;
  }
  return smooth;
}

/** Moving average; window - 1 values fewer. */
function average(values: Float64Array, window: number): Float64Array {
  const means = new Float64Array(values.length - window + 1);
  let sum = 0;
  for (const [row, value] of values.entries()) {
    sum += value;
    if (row >= window) sum -= values[row - window] ?? 0;
    if (row >= window - 1) means[row - window + 1] = sum / window;
  }
  return means;
}
