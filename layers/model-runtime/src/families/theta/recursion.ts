import { fitLine } from '../../statistics/decomposition.ts';

/** The theta line's parameters: what does not change from row to row. */
export interface ThetaLine {
  /** Smoothing of the level. */
  readonly alpha: number;
  /** Weight of the line against the level, 1 - 1/theta: 0 is simple exponential smoothing. */
  readonly weight: number;
  /** Whether the line through the values moves with each of them (DSTM, DOTM) or stands (STM, OTM). */
  readonly dynamic: boolean;
}

/** Seasonally adjusted units. */
export interface ThetaState {
  /** Rows seen. */
  readonly rows: number;
  readonly level: number;
  /** Mean of the rows seen. */
  readonly mean: number;
  /** Of the line through them, whose first row is 1. */
  readonly intercept: number;
  readonly slope: number;
  /** (1 - alpha)^rows. */
  readonly decay: number;
}

/**
 * Goes over the rows (Fiorucci et al. 2016, equations 13, 14 and 17 to 20), writing what each was expected to be; a value that
 * is NaN is taken to be as expected, so that rows to come are forecast by the same pass.
 */
export function filter(
  { alpha, weight, dynamic }: ThetaLine,
  from: ThetaState,
  values: Float64Array,
  fitted: Float64Array,
): ThetaState {
  let { rows, level, mean, intercept, slope, decay } = from;
  const keep = 1 - alpha;
  for (let row = 0; row < values.length; row += 1) {
    const expected = level + weight * (decay * intercept + ((1 - keep * decay) / alpha) * slope);
    fitted[row] = expected;
    const given = values[row] ?? 0;
    const value = given === given ? given : expected;
    level = alpha * value + keep * level;
    decay *= keep;
    rows += 1;
    if (!dynamic) continue;
    // The least-squares line through the rows seen, whose first row is 1.
    slope = rows === 1 ? 0 : ((rows - 2) * slope + (6 / rows) * (value - mean)) / (rows + 1);
    mean += (value - mean) / rows;
    intercept = mean - ((rows + 1) / 2) * slope;
  }
  return { rows, level, mean, intercept, slope, decay };
}

/** The line that each row is forecast with: one intercept and slope a row. */
export interface Lines {
  readonly intercepts: Float64Array;
  readonly slopes: Float64Array;
}

export function linesOf(values: Float64Array, dynamic: boolean): Lines {
  const rows = values.length;
  const lines = { intercepts: new Float64Array(rows), slopes: new Float64Array(rows) };
  if (!dynamic) {
    const { intercept, slope } = fitLine(values);
    lines.intercepts.fill(intercept - slope);
    lines.slopes.fill(slope);
    return lines;
  }
  let [mean, slope] = [0, 0];
  for (let row = 0; row + 1 < rows; row += 1) {
    const seen = row + 1;
    const value = values[row] ?? 0;
    slope = row === 0 ? 0 : ((seen - 2) * slope + (6 / seen) * (value - mean)) / (seen + 1);
    mean += (value - mean) / seen;
    lines.slopes[seen] = slope;
    lines.intercepts[seen] = mean - ((seen + 1) / 2) * slope;
  }
  return lines;
}

export function startState({ intercepts, slopes }: Lines, level: number): ThetaState {
  return { rows: 0, level, mean: 0, intercept: intercepts[0] ?? 0, slope: slopes[0] ?? 0, decay: 1 };
}
