import {
  commonOrigins,
  fitStandardDeviations,
  historyRows,
  origins,
  type RowRange,
  type Series,
} from '@flts/model-runtime';
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
  /** Origins in the later part of `select`, which no score reads: intervals are taken from errors there. Empty: too few rows. */
  readonly calibration: Int32Array;
  /** Percent, of the intervals. */
  readonly levels: readonly number[];
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
  const { scored, later } = dividedSelect(meta.segments.select, horizon);
  const segments = { ...meta.segments, select: scored };
  const select = commonOrigins(series, segments, { segment: 'select', contextRows, horizon, seasons });
  const test = commonOrigins(series, segments, { segment: 'test', contextRows, horizon, seasons });
  for (const [name, { origins }] of [['select', select] as const, ['test', test] as const]) {
    if (origins.length > 0) continue;
    const range = segments[name];
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
  const calibration = origins({ block: series.block, segment: later, contextRows, horizon });
  return {
    hash,
    horizon,
    stride: select.stride,
    select: select.origins,
    test: test.origins,
    calibration,
    levels: settings.INTERVAL_LEVELS,
    fitStd,
  };
}

/** Share of `select` that intervals are taken from. */
const LATER_SHARE = 0.4;
/** Windows that do not overlap, in either part: fewer give no interval of 80 %, and no choice worth the name. */
const LEAST_WINDOWS = 4;

/**
 * `select` as the part that the choice is made on, and after an embargo of one horizon, so that no window lies in both, the part
 * that intervals are taken from. Where it is too short for both, the choice has it all.
 */
function dividedSelect(select: RowRange, horizon: number): { scored: RowRange; later: RowRange } {
  const boundary = select.end - Math.floor((select.end - select.start) * LATER_SHARE);
  const start = Math.min(select.end, boundary + horizon);
  const isEnough =
    boundary - select.start >= LEAST_WINDOWS * horizon && select.end - start >= LEAST_WINDOWS * horizon;
  if (!isEnough) return { scored: select, later: { start: select.end, end: select.end } };
  return { scored: { start: select.start, end: boundary }, later: { start, end: select.end } };
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
