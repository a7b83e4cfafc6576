import { nextTimestamps } from '../calendar/calendar.ts';
import { RuntimeError } from '../errors.ts';
import { scoreBacktest } from '../evaluation/score.ts';
import { fitStandardDeviations } from '../evaluation/fit-std.ts';
import { origins } from '../windows/windows.ts';
import type { BaselineType, ModelInfo, TrainTask } from '../types.ts';
import type { BacktestOf, Forecaster } from './forecaster.ts';

/** The value a baseline gives `step` (from 0) rows after the rows [0, origin) of a column. */
type Rule = (values: Float64Array, origin: number, step: number) => number;

/** season: rows (0: behaves as NAIVE); window: rows of MEAN_WINDOW. */
export interface BaselineParameters {
  readonly season: number;
  readonly window: number;
}

function ruleOf(type: BaselineType, { season, window }: BaselineParameters): Rule {
  const naive: Rule = (values, origin) => values[origin - 1] ?? Number.NaN;
  if (type === 'NAIVE') return naive;
  if (type === 'MEAN_WINDOW') {
    return (values, origin) => {
      const rows = values.subarray(Math.max(0, origin - window), origin);
      return rows.reduce((sum, value) => sum + value, 0) / rows.length;
    };
  }
  return (values, origin, step) =>
    season === 0 || origin < season
      ? naive(values, origin, step)
      : (values[origin - season + (step % season)] ?? Number.NaN);
}

/**
 * The season that forecasts `validate` best: mean over targets of the RMSE in units of the fit deviation, on the origins
 * that all seasons have which can be tried at all; 0 where none can.
 */
export function bestSeason(task: TrainTask): number {
  const { series, segments, roles, seasonalPeriods, settings } = task;
  const horizon = settings.outputSeqLen;
  const fitStd = fitStandardDeviations(series, segments, roles.targets);
  const originsOf = (season: number): Int32Array =>
    origins({ block: series.block, segment: segments.validate, contextRows: season, horizon });
  const tried = seasonalPeriods.filter((season) => originsOf(season).length > 0);
  const common = originsOf(Math.max(...tried));
  const scored = tried.map((season) => {
    const parameters = { season, window: settings.inputSeqLen };
    const forecaster = createBaseline('SEASONAL_NAIVE', parameters, infoOf(task, season));
    const of = { series, origins: common, horizon };
    const backtest = forecaster.backtest({ scaler: task.scaler, ...of });
    return { season, rmse: scoreBacktest({ ...of, backtest, targets: roles.targets, fitStd }).rmse };
  });
  return scored.toSorted((a, b) => a.rmse - b.rmse || a.season - b.season)[0]?.season ?? 0;
}

export function infoOf(task: TrainTask, contextRows: number): ModelInfo {
  const { modelType, roles, calendar, history, frequency } = task;
  return { modelType, contextRows, horizon: null, roles, calendar, ...(history && { history }), frequency };
}

export function createBaseline(
  type: BaselineType,
  parameters: BaselineParameters,
  info: ModelInfo,
): Forecaster {
  const rule = ruleOf(type, parameters);
  const column = (columns: BacktestOf['series']['columns'], name: string): Float64Array => {
    const values = columns[name];
    if (values === undefined)
      throw new RuntimeError(
        'feature_count_mismatch',
        `expected column ${name}, got ${Object.keys(columns).join(', ')}`,
      );
    return values;
  };
  return {
    info,
    forecast: ({ context, steps }) => {
      const rows = context.ts.length;
      if (rows < Math.max(1, info.contextRows))
        throw new RuntimeError(
          'insufficient_rows',
          `expected at least ${Math.max(1, info.contextRows)} rows of context, got ${rows}`,
        );
      const values = info.roles.targets.map((name) => {
        const known = column(context.columns, name);
        return [name, Float64Array.from({ length: steps }, (_, step) => rule(known, rows, step))] as const;
      });
      return {
        ts: nextTimestamps(context.ts[rows - 1] ?? 0, info.frequency, steps),
        values: Object.fromEntries(values),
        recursiveFromStep: null,
      };
    },
    backtest: ({ series, origins: at, horizon }) => {
      const values = info.roles.targets.map((name) => {
        const known = column(series.columns, name);
        const predicted = new Float64Array(at.length * horizon);
        for (const [index, origin] of at.entries()) {
          for (let step = 0; step < horizon; step += 1)
            predicted[index * horizon + step] = rule(known, origin, step);
        }
        return [name, predicted] as const;
      });
      return { values: Object.fromEntries(values) };
    },
    dispose: () => {},
  };
}
