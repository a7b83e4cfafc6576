import { compensatedSum, type Columns } from '@flts/model-runtime';
import { isoTime } from '../dataset/spacing.ts';
import { contentHash } from '../hash.ts';
import type { ResultLine } from '../messages/schema.ts';

/** Rows that were predicted, one entry a row, in time order; original units. */
export interface PredictedRows {
  /** Epoch ms. */
  readonly ts: Float64Array;
  /** Of the row in its window, from 1. */
  readonly step: Int32Array;
  /** By target. */
  readonly predicted: Columns;
  /** By target: the untouched truth, NaN where it is missing or not known yet. */
  readonly actual: Columns;
}

export interface LineOf {
  /** Of the claim, or of the request: ISO 8601 UTC. */
  readonly timestamp: string;
  readonly identifier: string;
  readonly runId: string;
  readonly modelType: string;
  readonly configHash: string;
  /** Whether the run was the promoted one. */
  readonly promoted: boolean;
  readonly requestId?: string;
  readonly rows: PredictedRows;
  /** Targets that a sample shows (PREDICT_LOG_FEATURE_LIMIT). */
  readonly sampleTargets: number;
}

/** The newest rows that a line shows one by one. */
const SAMPLES = 100;

/** A line of results.jsonl. Errors are in original units; null where no truth is known. */
export function resultLineOf(of: LineOf): ResultLine {
  const { rows } = of;
  return {
    timestamp: of.timestamp,
    identifier: of.identifier,
    run_id: of.runId,
    model_type: of.modelType,
    config_hash: of.configHash,
    promoted: of.promoted,
    status: 'SUCCESS',
    ...(of.requestId === undefined ? {} : { req_id: of.requestId }),
    metrics: { ...errorMetrics(rows), prediction_hash: predictionHash(rows), rows_predicted: rows.ts.length },
    samples: samples(rows, Object.keys(rows.predicted).slice(0, of.sampleTargets)),
  };
}

/** Covers every row and column of the prediction. */
export function predictionHash({ ts, step, predicted }: PredictedRows): string {
  const values = Object.fromEntries(Object.entries(predicted).map(([name, column]) => [name, [...column]]));
  return contentHash({ ts: [...ts], step: [...step], values });
}

type ErrorMetrics = Omit<ResultLine['metrics'], 'prediction_hash' | 'rows_predicted'>;

function errorMetrics(rows: PredictedRows): ErrorMetrics {
  const targets = Object.keys(rows.predicted);
  const errors = targets.map((target) => errorsOf(rows, target));
  const mae = errors.map((each) => meanOf(known(each).map(Math.abs)));
  const mse = errors.map((each) => meanOf(known(each).map((error) => error * error)));
  const mseMean = meanOf(mse.filter((figure) => figure !== null));
  return {
    overlap_rows: rows.ts.filter((_, row) => errors.some((each) => !Number.isNaN(each[row]))).length,
    mae_mean: meanOf(mae.filter((figure) => figure !== null)),
    mse_mean: mseMean,
    rmse: mseMean === null ? null : Math.sqrt(mseMean),
    mae: Object.fromEntries(targets.map((target, index) => [target, mae[index] ?? null])),
    mse: Object.fromEntries(targets.map((target, index) => [target, mse[index] ?? null])),
    step_mae: stepErrors(rows.step, errors),
  };
}

function errorsOf({ predicted, actual }: PredictedRows, target: string): Float64Array {
  const truth = actual[target];
  return (predicted[target] ?? new Float64Array()).map((value, row) => value - (truth?.[row] ?? Number.NaN));
}

/** Mean absolute error of each step, over windows and targets. */
function stepErrors(step: Int32Array, errors: readonly Float64Array[]): (number | null)[] {
  const byStep = new Map<number, number[]>();
  for (const [row, nth] of step.entries()) {
    const own = errors.map((each) => each[row] ?? Number.NaN).filter((error) => !Number.isNaN(error));
    const list = byStep.get(nth) ?? [];
    list.push(...own.map(Math.abs));
    byStep.set(nth, list);
  }
  const last = step.reduce((most, nth) => Math.max(most, nth), 0);
  return Array.from({ length: last }, (_, index) => meanOf(byStep.get(index + 1) ?? []));
}

function known(errors: Float64Array): Float64Array {
  return errors.filter((error) => !Number.isNaN(error));
}

function meanOf(values: ArrayLike<number> & Iterable<number>): number | null {
  return values.length === 0 ? null : compensatedSum(values) / values.length;
}

function samples(rows: PredictedRows, targets: readonly string[]): ResultLine['samples'] {
  const first = Math.max(0, rows.ts.length - SAMPLES);
  return Array.from({ length: rows.ts.length - first }, (_, index) => {
    const row = first + index;
    const cells = (columns: Columns): Record<string, number | null> =>
      Object.fromEntries(targets.map((target) => [target, finiteOrNull(columns[target]?.[row])]));
    const [pred, actual] = [cells(rows.predicted), cells(rows.actual)];
    const abs_err = Object.fromEntries(
      targets.map((target) => [target, absoluteError(pred[target], actual[target])]),
    );
    return { step: rows.step[row] ?? 0, ts: isoTime(rows.ts[row]), pred, actual, abs_err };
  });
}

function absoluteError(
  predicted: number | null | undefined,
  actual: number | null | undefined,
): number | null {
  return typeof predicted === 'number' && typeof actual === 'number' ? Math.abs(predicted - actual) : null;
}

function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
