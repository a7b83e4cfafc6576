import { commonOrigins, fitStandardDeviations, historyRows, type Series } from '@flts/model-runtime';
import type { DatasetMeta } from '../dataset/meta.ts';
import { DataError } from '../errors.ts';
import { contentHash } from '../hash.ts';
import type { ClaimSettings } from '../settings/settings.ts';

/** What every candidate of a claim is scored on; only candidates of an equal hash compete. */
export interface EvaluationPlan {
  readonly hash: string;
  readonly horizon: number;
  readonly stride: number;
  readonly select: Int32Array;
  readonly test: Int32Array;
  /** Standard deviation of each target in `fit`: the unit of the score. */
  readonly fitStd: Readonly<Record<string, number>>;
}

/**
 * The common origins of a claim. Each leaves room for the longest context that a candidate may want, so that no
 * candidate's own needs move them. @throws DataError rows_insufficient, target_not_scorable
 */
export function evaluationPlan(meta: DatasetMeta, series: Series, settings: ClaimSettings): EvaluationPlan {
  const horizon = settings.OUTPUT_SEQ_LEN;
  const contextRows = Math.max(settings.INPUT_SEQ_LEN + historyRows(meta.history), ...meta.seasonal_periods);
  const seasons = meta.seasonal_periods;
  const select = commonOrigins(series, meta.segments, { segment: 'select', contextRows, horizon, seasons });
  const test = commonOrigins(series, meta.segments, { segment: 'test', contextRows, horizon, seasons });
  for (const [name, { origins }] of [['select', select] as const, ['test', test] as const]) {
    if (origins.length > 0) continue;
    const range = meta.segments[name];
    throw new DataError(
      'rows_insufficient',
      `expected at least ${horizon} rows in the ${name} segment after ${contextRows} rows of context without a gap, got ${range.end - range.start}`,
    );
  }
  const hash = contentHash({
    config_hash: meta.config_hash,
    targets: meta.roles.targets,
    horizon,
    stride: select.stride,
    origins: [...select.origins],
  });
  const fitStd = fitStandardDeviations(series, meta.segments, meta.roles.targets);
  checkTargets(series, fitStd, { select: select.origins, test: test.origins }, horizon);
  return { hash, horizon, stride: select.stride, select: select.origins, test: test.origins, fitStd };
}

/** A score needs a target with a unit, and truth to compare with. */
function checkTargets(
  series: Series,
  fitStd: EvaluationPlan['fitStd'],
  segments: Readonly<Record<'select' | 'test', Int32Array>>,
  horizon: number,
): void {
  const changing = Object.keys(fitStd).filter((target) => (fitStd[target] ?? 0) > 0);
  if (changing.length === 0)
    throw new DataError(
      'target_not_scorable',
      `expected a target that changes in fit, so that errors have a unit, got ${Object.keys(fitStd).join(', ')}, all constant there`,
    );
  for (const [name, origins] of Object.entries(segments)) {
    if (changing.some((target) => isKnown(series.actual[target], origins, horizon))) continue;
    throw new DataError(
      'target_not_scorable',
      `expected a target that changes in fit and is known in ${name}, got no value of ${changing.join(', ')} there`,
    );
  }
}

function isKnown(actual: Float64Array | undefined, origins: Int32Array, horizon: number): boolean {
  return origins.some((origin) =>
    actual?.subarray(origin, origin + horizon).some((value) => !Number.isNaN(value)),
  );
}
