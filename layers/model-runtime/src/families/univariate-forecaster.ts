import { nextTimestamps } from '../calendar/calendar.ts';
import { RuntimeError } from '../errors.ts';
import type { UnivariateModel } from '../statistics/univariate.ts';
import type { Columns, ModelInfo } from '../types.ts';
import type { BacktestOf, Forecaster, ForecastOf } from './forecaster.ts';
import type { UnivariateFit } from './univariate-json.ts';

type Model = UnivariateModel<unknown, unknown>;

/**
 * Forecasts each target by its own rows, with the parameters of the fit: rows that follow those that the state has seen take it
 * on; from rows that do not join it the state is found anew, by least squares.
 */
export function univariateForecaster(
  info: ModelInfo,
  fits: Readonly<Record<string, UnivariateFit>>,
  model: Model,
): Forecaster {
  const targets = info.roles.targets.map((name): [string, UnivariateFit] => {
    const fit = fits[name];
    if (fit !== undefined) return [name, fit];
    throw new RuntimeError('model_corrupt', `expected a fit of ${name}, got ${Object.keys(fits).join(', ')}`);
  });
  return {
    info,
    forecast: (of) => {
      const after = of.context.ts.at(-1);
      if (after === undefined)
        throw new RuntimeError('insufficient_rows', 'expected at least 1 row of context, got 0');
      const ahead = targets.map(([name, fit]) => {
        const state = stateAfter(of, { name, fit, info, model });
        return [name, model.forecast(fit.parameters, state, of.steps)] as const;
      });
      return {
        ts: nextTimestamps(after, info.frequency, of.steps),
        values: Object.fromEntries(ahead.map(([name, { mean }]) => [name, mean])),
        deviations: Object.fromEntries(ahead.map(([name, { variance }]) => [name, variance.map(Math.sqrt)])),
        recursiveFromStep: null,
      };
    },
    backtest: (of) => ({
      values: Object.fromEntries(
        targets.map(([name, fit]) => [name, backtestTarget(of, { name, fit, info, model })]),
      ),
    }),
    dispose: () => {},
  };
}

interface Target {
  readonly name: string;
  readonly fit: UnivariateFit;
  readonly info: ModelInfo;
  readonly model: Model;
}

function stateAfter({ context: { ts, columns } }: ForecastOf, target: Target): unknown {
  const { name, fit, model } = target;
  const values = columnOf(columns, name);
  for (const known of [fit.newest, { ts: fit.last, state: fit.state }]) {
    const rest = rowsSince({ ts, values }, known.ts, fit);
    if (rest !== undefined) return advanced(model, { fit, state: known.state }, rest);
  }
  return model.restart(fit.parameters, values, { index: indexOf(ts[0] ?? 0, fit) });
}

/**
 * What a state that has seen the row at `time` has yet to see of some rows, those missing in between as NaN; undefined where it
 * has seen more than they hold, or where more rows are missing than a state can be carried over.
 */
function rowsSince(
  { ts, values }: { readonly ts: Float64Array; readonly values: Float64Array },
  time: number,
  fit: UnivariateFit,
): Float64Array | undefined {
  const at = ts.indexOf(time);
  if (at !== -1) return values.subarray(at + 1);
  const missing = indexOf(ts[0] ?? 0, fit) - indexOf(time, fit) - 1;
  if (missing < 0 || missing > mostMissing(fit)) return undefined;
  const rows = new Float64Array(missing + values.length).fill(Number.NaN);
  rows.set(values, missing);
  return rows;
}

/** Rows over which a state still knows more than the rows after them: two seasons, or as many rows as a week has hours. */
function mostMissing({ season }: UnivariateFit): number {
  return Math.max(2 * season, 168);
}

function advanced(
  model: Model,
  { fit, state }: { fit: UnivariateFit; state: unknown },
  values: Float64Array,
): unknown {
  return values.length === 0 ? state : model.update(fit.parameters, state, values);
}

/** From each origin; the state goes through the rows once. */
function backtestTarget({ series, origins, horizon }: BacktestOf, target: Target): Float64Array {
  const { name, fit, model } = target;
  const values = truthOf(series, name);
  const predicted = new Float64Array(origins.length * horizon);
  let seen = { row: series.ts.indexOf(fit.last) + 1, state: fit.state as unknown };
  for (const [index, origin] of origins.entries()) {
    const rest =
      seen.row > 0 && origin >= seen.row ? restUpTo({ ...series, values }, seen.row, origin, fit) : undefined;
    if (rest !== undefined) seen = { row: origin, state: advanced(model, { fit, state: seen.state }, rest) };
    const state = rest === undefined ? restarted(series, origin, target) : seen.state;
    predicted.set(model.forecast(fit.parameters, state, horizon).mean, index * horizon);
  }
  return predicted;
}

/** The rows [row, origin), those missing in gaps as NaN; undefined where too many are. */
function restUpTo(
  { ts, block, values }: Pick<BacktestOf['series'], 'ts' | 'block'> & { readonly values: Float64Array },
  row: number,
  origin: number,
  fit: UnivariateFit,
): Float64Array | undefined {
  const rest: number[] = [];
  for (let at = row; at < origin; at += 1) {
    const missing =
      block[at] === block[at - 1] ? 0 : indexOf(ts[at] ?? 0, fit) - indexOf(ts[at - 1] ?? 0, fit) - 1;
    if (missing > mostMissing(fit)) return undefined;
    for (let nth = 0; nth < missing; nth += 1) rest.push(Number.NaN);
    rest.push(values[at] ?? Number.NaN);
  }
  return Float64Array.from(rest);
}

/** From the rows before the origin that follow each other, as many as a request would bring. */
function restarted({ ts, block, columns }: BacktestOf['series'], origin: number, target: Target): unknown {
  const { name, fit, info, model } = target;
  let start = origin - 1;
  while (start > 0 && origin - start < info.contextRows && block[start - 1] === block[origin - 1]) start -= 1;
  const values = columnOf(columns, name).subarray(start, origin);
  return model.restart(fit.parameters, values, { index: indexOf(ts[start] ?? 0, fit) });
}

/** Rows from the first of the fit; months differ in length, so that the mean step of the fit counts. */
function indexOf(time: number, { first, last, rows }: UnivariateFit): number {
  const step = rows > 1 ? (last - first) / (rows - 1) : 1;
  return Math.round((time - first) / step);
}

/** As it came; where it was missing, as it was filled. */
function truthOf({ actual, columns }: BacktestOf['series'], name: string): Float64Array {
  const filled = columnOf(columns, name);
  const truth = actual[name];
  return truth === undefined
    ? filled
    : truth.map((value, row) => (Number.isNaN(value) ? (filled[row] ?? value) : value));
}

function columnOf(columns: Columns, name: string): Float64Array {
  const values = columns[name];
  if (values !== undefined) return values;
  throw new RuntimeError(
    'feature_count_mismatch',
    `expected column ${name}, got ${Object.keys(columns).join(', ')}`,
  );
}
