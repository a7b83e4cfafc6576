import { calendarColumns, nextTimestamps } from '../calendar/calendar.ts';
import { RuntimeError } from '../errors.ts';
import { historyColumns, historyRows } from '../history/history.ts';
import { parametersOf } from '../scaling/scaler.ts';
import type { Backtest, Columns, Forecast, ModelInfo, Scaler } from '../types.ts';
import { inputNames, packContexts, scaledInputs } from '../windows/windows.ts';
import type { Forecaster, ForecastOf } from '../families/forecaster.ts';
import type { WindowModel } from './window-model.ts';

/** A network that answers `info.horizon` steps at once; beyond it its predictions are fed back. */
export function networkForecaster(model: WindowModel, info: ModelInfo): Forecaster {
  const names = inputNames(info.roles);
  const horizon = info.horizon ?? 1;
  const { window, features, horizon: steps, targets } = model;
  const inputRows = info.contextRows - historyRows(info.history);
  if (window !== inputRows || features !== names.length) {
    throw new RuntimeError(
      'feature_count_mismatch',
      `expected a model of ${inputRows} rows x ${names.length} features, got ${window} x ${features}`,
    );
  }
  if (steps !== horizon || targets !== info.roles.targets.length) {
    throw new RuntimeError(
      'shape_mismatch',
      `expected a model that answers ${horizon} steps x ${info.roles.targets.length} targets, got ${steps} x ${targets}`,
    );
  }
  return {
    info,
    forecast: (of) => recursiveForecast(model, info, of),
    backtest: ({ scaler, series, origins, horizon: asked }) => {
      if (asked > horizon)
        throw new RuntimeError(
          'shape_mismatch',
          `expected a backtest of at most ${horizon} steps, got ${asked}`,
        );
      const inputs = scaledInputs(series.columns, names, scaler, series.ts.length);
      const output = model.predict(packContexts(inputs, names.length, origins, window));
      return { values: unpack(output, { count: origins.length, horizon, steps: asked }, info, scaler) };
    },
    dispose: () => model.dispose(),
  };
}

function unpack(
  output: Float32Array,
  { count, horizon, steps }: { count: number; horizon: number; steps: number },
  { roles }: ModelInfo,
  scaler: Scaler,
): Backtest['values'] {
  const targets = roles.targets.length;
  const entries = roles.targets.map((name, target) => {
    const { offset, scale } = parametersOf(scaler, name);
    const values = new Float64Array(count * steps);
    for (let index = 0; index < count; index += 1) {
      for (let step = 0; step < steps; step += 1)
        values[index * steps + step] =
          (output[(index * horizon + step) * targets + target] ?? Number.NaN) * scale + offset;
    }
    return [name, values] as const;
  });
  return Object.fromEntries(entries);
}

function recursiveForecast(model: WindowModel, info: ModelInfo, of: ForecastOf): Forecast {
  const { scaler, context, steps } = of;
  const rows = context.ts.length;
  const { contextRows, roles, frequency } = info;
  if (rows < contextRows)
    throw new RuntimeError(
      'insufficient_rows',
      `expected at least ${contextRows} rows of context, got ${rows}`,
    );
  const horizon = info.horizon ?? 1;
  const names = inputNames(roles);
  const ts = nextTimestamps(context.ts[rows - 1] ?? 0, frequency, steps);
  const columns = extendedColumns(info, of, ts);
  for (let done = 0; done < steps; done += horizon) {
    const end = done + contextRows;
    const output = model.predict(
      scaledInputs(sliced(columns, end - model.window, end), names, scaler, model.window),
    );
    const answered = Math.min(horizon, steps - done);
    const predicted = unpack(output, { count: 1, horizon, steps: answered }, info, scaler);
    for (const name of roles.targets) columns[name]?.set(predicted[name] ?? [], end);
    deriveHistory(columns, { info, start: end, end: end + answered });
  }
  const targets = Object.fromEntries(
    roles.targets.map((name) => [name, columns[name] ?? new Float64Array()] as const),
  );
  const values = sliced(targets, contextRows, contextRows + steps);
  return { ts, values, recursiveFromStep: steps > horizon ? horizon + 1 : null };
}

/** Makes the rows [start, end) of the columns derived from the targets, whose values there are predictions. */
function deriveHistory(
  columns: Columns,
  {
    info: { roles, history },
    start,
    end,
  }: { readonly info: ModelInfo; readonly start: number; readonly end: number },
): void {
  if (history === undefined) return;
  const lead = Math.min(start, historyRows(history));
  const known = sliced(columns, start - lead, end);
  const derived = historyColumns(known, { targets: roles.targets, history, from: lead });
  for (const [name, values] of Object.entries(derived)) columns[name]?.set(values, start);
}

function sliced(columns: Columns, start: number, end: number): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.slice(start, end)]),
  );
}

/** Every input's window, then the rows to forecast, which predictions fill in as they come. */
function extendedColumns(
  { contextRows, roles, calendar }: ModelInfo,
  { context, future = {}, steps }: ForecastOf,
  ts: Float64Array,
): Columns {
  const derived = calendarColumns(ts, calendar);
  const rows = context.ts.length;
  const entries = inputNames(roles).map((name) => {
    // Of targets and past covariates nothing is known in advance, whatever came with the request.
    const known = roles.future.includes(name) ? (derived[name] ?? future[name]) : undefined;
    return [name, extended(context.columns[name], { name, rows, contextRows, known, steps })] as const;
  });
  return Object.fromEntries(entries);
}

interface ExtendedOf {
  readonly name: string;
  readonly rows: number;
  readonly contextRows: number;
  readonly known: Float64Array | undefined;
  readonly steps: number;
}

/** The last contextRows values, then the known future, held at its last value where it ends or was not given. */
function extended(
  values: Float64Array | undefined,
  { name, rows, contextRows, known, steps }: ExtendedOf,
): Float64Array {
  if (values === undefined)
    throw new RuntimeError('feature_count_mismatch', `expected column ${name} in the context, got none`);
  const all = new Float64Array(contextRows + steps);
  all.set(values.subarray(rows - contextRows, rows));
  all.fill(known?.[known.length - 1] ?? values[rows - 1] ?? Number.NaN, contextRows);
  if (known !== undefined) all.set(known.subarray(0, steps), contextRows);
  return all;
}
