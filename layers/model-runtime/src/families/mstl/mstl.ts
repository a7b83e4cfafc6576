import { interpolate, requireRows } from '../../statistics/gaps.ts';
import type { UnivariateModel } from '../../statistics/univariate.ts';
import { decompose } from './decompose.ts';

export interface MstlParameters<P> {
  /** Rows, ascending; those with two of them in the fit. */
  readonly seasons: readonly number[];
  /** Of the model for what the seasons leave. */
  readonly adjusted: P;
  /** Rows that a state keeps. */
  readonly kept: number;
}

export interface MstlState<S> {
  readonly adjusted: S;
  /** The last turn of each season, beginning with the next row's. */
  readonly patterns: readonly (readonly number[])[];
  /** The last rows, null where missing: with those that come they are decomposed anew. */
  readonly rows: readonly (number | null)[];
}

/** Longest seasons that a state keeps the rows of, and rows that it keeps at least. */
const KEPT = { seasons: 8, rows: 200 };

/**
 * Multiple seasonal and trend decomposition by loess (Bandara, Hyndman and Bergmeir 2021): the seasons' last turns go on as they
 * are, `model` forecasts what they leave. An update decomposes the rows that the state keeps anew: it costs milliseconds rather than
 * microseconds. Variances are those of `model`, which has not seen how seasons change: they are too small rather than too large.
 * Gaps lie on the line between their neighbours.
 */
export function createMstl<P, S>(
  model: UnivariateModel<P, S>,
): UnivariateModel<MstlParameters<P>, MstlState<S>> {
  const stateOf = (parameters: MstlParameters<P>, values: Float64Array): MstlState<S> =>
    decomposedState(model, parameters, values);
  return {
    minimumRows: model.minimumRows,
    fit: (values, { season, seasons = [season], signal }) => {
      requireRows('MSTL', values, model.minimumRows);
      signal?.throwIfAborted();
      const usable = seasons.filter((one) => one > 1 && values.length >= 2 * one).toSorted((a, b) => a - b);
      const parts = decompose(interpolate(values), usable);
      const fit = model.fit(parts.adjusted, { season: 1, ...(signal && { signal }) });
      const kept = Math.max(KEPT.rows, KEPT.seasons * Math.max(1, ...usable));
      const parameters = { seasons: usable, adjusted: fit.parameters, kept };
      return { ...fit, parameters, state: stateOf(parameters, values) };
    },
    update: (parameters, state, values) =>
      stateOf(parameters, Float64Array.from([...state.rows.map((value) => value ?? Number.NaN), ...values])),
    restart: (parameters, values) => {
      requireRows('MSTL', values, 1);
      return stateOf(parameters, values);
    },
    forecast: (parameters, state, steps) => {
      const { mean, variance } = model.forecast(parameters.adjusted, state.adjusted, steps);
      for (const pattern of state.patterns)
        for (let step = 0; step < steps; step += 1)
          mean[step] = (mean[step] ?? 0) + (pattern[step % pattern.length] ?? 0);
      return { mean, variance };
    },
  };
}

function decomposedState<P, S>(
  model: UnivariateModel<P, S>,
  { seasons, adjusted, kept }: MstlParameters<P>,
  values: Float64Array,
): MstlState<S> {
  const rows = values.subarray(Math.max(0, values.length - kept));
  const usable = seasons.filter((season) => rows.length >= 2 * season);
  const parts = decompose(interpolate(rows), usable);
  const patterns = usable.map((season, at) => [
    ...(parts.seasonal[at] ?? rows).subarray(rows.length - season),
  ]);
  return {
    adjusted: model.restart(adjusted, parts.adjusted),
    patterns,
    rows: Array.from(rows, (value) => (Number.isNaN(value) ? null : value)),
  };
}
