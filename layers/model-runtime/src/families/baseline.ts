import { z } from 'zod';
import { nextTimestamps } from '../calendar/calendar.ts';
import { RuntimeError } from '../errors.ts';
import type { Columns, ModelInfo, TrainedModel, TrainTask } from '../types.ts';
import { checked, infoOf, jsonFiles, type Family } from './family.ts';
import type { Forecaster } from './forecaster.ts';
import { modelInfo } from './model-json.ts';

/** The value a baseline gives `step` (from 0) rows after the rows [0, origin) of a column. */
export type Rule = (values: Float64Array, origin: number, step: number) => number;

/** season: rows (0: none); window: rows of a mean. A rule reads the one that it is about. */
export interface BaselineParameters {
  readonly season: number;
  readonly window: number;
}

export interface Baseline extends Pick<Family, 'type' | 'summary' | 'version' | 'settings'> {
  readonly rule: (parameters: BaselineParameters) => Rule;
  readonly contextRows: (parameters: BaselineParameters) => number;
  /** Found from the data, in rows; none: the baseline has no season. */
  readonly season?: (task: TrainTask) => number;
}

export const lastValue: Rule = (values, origin) => values[origin - 1] ?? Number.NaN;

/** A family that forecasts by a rule, without a fit; its models hold the two parameters. */
export function baselineFamily({ type, rule, contextRows, season, ...rest }: Baseline): Family {
  const json = z.object({
    info: modelInfo.extend({ modelType: z.literal(type) }),
    parameters: z.object({ season: z.number().int().min(0), window: z.number().int().min(1) }),
  });
  return {
    type,
    ...rest,
    shares: [],
    fits: 'each target by itself',
    leastRows: () => 1,
    trainer: null,
    format: 'flts-baseline/1',
    readInfo: (model) => checked(json, model).info,
    fit: async (task) => {
      const parameters = { season: season?.(task) ?? 0, window: task.settings.inputSeqLen };
      const info = infoOf(task, contextRows(parameters));
      const files = jsonFiles({ format: 'flts-baseline/1', info, parameters });
      const params: TrainedModel['params'] = season === undefined ? {} : { season: parameters.season };
      return { modelType: type, files, params, history: [] };
    },
    load: async (model) => {
      const { info, parameters } = checked(json, model);
      return ruleForecaster(rule(parameters), info);
    },
  };
}

/** Forecasts each target by its own past values. */
export function ruleForecaster(rule: Rule, info: ModelInfo): Forecaster {
  const ofTargets = (columns: Columns, predict: (known: Float64Array) => Float64Array) =>
    Object.fromEntries(info.roles.targets.map((name) => [name, predict(columnOf(columns, name))]));
  return {
    info,
    forecast: ({ context, steps }) => {
      const rows = context.ts.length;
      if (rows < Math.max(1, info.contextRows))
        throw new RuntimeError(
          'insufficient_rows',
          `expected at least ${Math.max(1, info.contextRows)} rows of context, got ${rows}`,
        );
      return {
        ts: nextTimestamps(context.ts[rows - 1] ?? 0, info.frequency, steps),
        values: ofTargets(context.columns, (known) =>
          Float64Array.from({ length: steps }, (_, step) => rule(known, rows, step)),
        ),
        recursiveFromStep: null,
      };
    },
    backtest: ({ series, origins, horizon }) => ({
      values: ofTargets(series.columns, (known) => {
        const predicted = new Float64Array(origins.length * horizon);
        for (const [index, origin] of origins.entries()) {
          for (let step = 0; step < horizon; step += 1)
            predicted[index * horizon + step] = rule(known, origin, step);
        }
        return predicted;
      }),
    }),
    dispose: () => {},
  };
}

function columnOf(columns: Columns, name: string): Float64Array {
  const values = columns[name];
  if (values !== undefined) return values;
  throw new RuntimeError(
    'feature_count_mismatch',
    `expected column ${name}, got ${Object.keys(columns).join(', ')}`,
  );
}
