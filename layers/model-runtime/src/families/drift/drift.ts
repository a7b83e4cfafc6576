import { requireRows } from '../../statistics/gaps.ts';
import type { UnivariateModel } from '../../statistics/univariate.ts';

export interface DriftParameters {
  /** Mean change a row. */
  readonly slope: number;
  /** Of the changes around it. */
  readonly variance: number;
  /** Changes that both come from. */
  readonly changes: number;
}

export interface DriftState {
  readonly last: number;
  /** Rows since the last known one. */
  readonly since: number;
}

/** Known rows. */
const MINIMUM_ROWS = 2;

/**
 * A random walk with drift: the line through the first and the last value goes on (Hyndman and Athanasopoulos 2021, sections 5.2
 * and 5.5). Over missing rows the line goes on too.
 */
export function createDrift(): UnivariateModel<DriftParameters, DriftState> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: (values, { signal }) => {
      requireRows('DRIFT', values, MINIMUM_ROWS);
      signal?.throwIfAborted();
      const first = values.findIndex((value) => !Number.isNaN(value));
      const last = values.findLastIndex((value) => !Number.isNaN(value));
      const slope = ((values[last] ?? 0) - (values[first] ?? 0)) / (last - first);
      const { state, residuals } = run(
        slope,
        { last: values[first] ?? 0, since: 0 },
        values.subarray(first + 1),
      );
      const errors = residuals.filter((residual) => !Number.isNaN(residual));
      const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
      const variance = squares / Math.max(1, errors.length - 1);
      const all = new Float64Array(values.length).fill(Number.NaN);
      all.set(residuals, first + 1);
      const parameters = { slope, variance, changes: last - first };
      return { parameters, state, residuals: all, evaluations: 1, converged: true };
    },
    update: ({ slope }, state, values) => run(slope, state, values).state,
    restart: ({ slope }, values) => {
      requireRows('DRIFT', values, 1);
      return run(slope, { last: 0, since: 0 }, values).state;
    },
    forecast: ({ slope, variance, changes }, { last, since }, steps) => {
      const ahead = (step: number): number => since + step + 1;
      const mean = Float64Array.from({ length: steps }, (_, step) => last + slope * ahead(step));
      // The slope itself is uncertain, too.
      const widths = mean.map((_, step) => variance * ahead(step) * (1 + ahead(step) / changes));
      return { mean, variance: widths };
    },
  };
}

function run(
  slope: number,
  from: DriftState,
  values: Float64Array,
): { readonly state: DriftState; readonly residuals: Float64Array } {
  let { last, since } = from;
  const residuals = values.map((value) => {
    since += 1;
    if (Number.isNaN(value)) return Number.NaN;
    const residual = value - (last + slope * since);
    last = value;
    since = 0;
    return residual;
  });
  return { state: { last, since }, residuals };
}
