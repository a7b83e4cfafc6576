import { intervalsOf, type Forecast, type IntervalMethod, type Intervals } from '@flts/model-runtime';
import { isoTime } from '../shared/dataset/spacing.ts';
import { DataError } from '../shared/errors.ts';
import type { ServedModel } from '../shared/serving/serving-models.ts';

export interface AnswerOf {
  readonly forecast: Forecast;
  readonly cached: boolean;
  readonly served: ServedModel;
  readonly requestId: string;
}

/** The body of a forecast's answer: one object a step, values in original units. */
export function answerOf({ forecast, cached, served, requestId }: AnswerOf): Record<string, unknown> {
  const { pointer, model } = served;
  const intervals = intervalsOf(forecast, model.halfWidths);
  return {
    status: cached ? 'SUCCESS_CACHED' : 'SUCCESS',
    identifier: pointer.identifier,
    run_id: model.runId,
    model_type: model.modelType,
    config_hash: pointer.config_hash,
    req_id: requestId,
    cached,
    recursive_from_step: forecast.recursiveFromStep,
    interval_methods: methodsOf(intervals),
    predictions: predictions(forecast, intervals),
  };
}

/** By level and target; null where a level has none. */
function methodsOf(intervals: Intervals): Record<string, Record<string, IntervalMethod | null>> {
  return mapValues(intervals, (byTarget) => mapValues(byTarget, ({ method }) => method));
}

function predictions({ ts, values }: Forecast, intervals: Intervals): Record<string, unknown>[] {
  const columns = Object.entries(values);
  return Array.from(ts, (at, step) => ({
    ts: isoTime(at),
    ...Object.fromEntries(columns.map(([name, column]) => [name, column[step]])),
    intervals: stepIntervals(intervals, step),
  }));
}

/** Of one step, by level and target: [lower, upper], null where nothing is known; null where no level of any target is. */
function stepIntervals(intervals: Intervals, step: number): Record<string, unknown> | null {
  const levels = mapValues(intervals, (byTarget) =>
    mapValues(byTarget, ({ lower, upper }) => {
      const bounds = [lower[step] ?? null, upper[step] ?? null];
      return bounds.includes(null) ? null : bounds;
    }),
  );
  const isKnown = Object.values(levels).some((byTarget) =>
    Object.values(byTarget).some((each) => each !== null),
  );
  return isKnown ? levels : null;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** JSON has no Infinity or NaN. @throws DataError request_invalid, naming the first step that is none */
export function requireFinite(forecast: Forecast): Forecast {
  for (const [name, column] of Object.entries(forecast.values)) {
    const step = column.findIndex((value) => !Number.isFinite(value));
    if (step < 0) continue;
    throw new DataError(
      'request_invalid',
      `expected rows whose forecast is a number, got ${column[step]} for ${name} at step ${step + 1}; are the values those of the dataset?`,
    );
  }
  return forecast;
}
