import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import type { UnivariateModel } from '../statistics/univariate.ts';
import type { RowRange, Series, TrainedModel, TrainTask } from '../types.ts';
import { checked, infoOf, jsonFiles, type Family, type TrainHooks } from './family.ts';
import { fitEachTarget } from './fit-each-target.ts';
import { modelInfo } from './model-json.ts';
import { bestSeason } from './seasonal-naive/seasonal-naive.ts';
import { univariateForecaster } from './univariate-forecaster.ts';
import { univariateFit, type UnivariateFit } from './univariate-json.ts';

export interface Univariate extends Pick<Family, 'type' | 'summary' | 'version'> {
  /** Known rows that a fit takes at least. */
  readonly leastRows: number;
  /** Of a fit, roughly, where EXPECTED_MODEL_TYPES=auto may choose it, of so many rows at most (default: any number). */
  readonly cost?: { readonly microsecondsARow: number; readonly mostRows?: number };
  /** Loads the method; parameters and states are its own JSON. */
  readonly model: () => Promise<UnivariateModel<unknown, unknown>>;
}

const FORMAT = 'flts-univariate/1';
/** Newest rows that a fit takes at most: what lies further back says little of the level, and each pass costs time. */
const MOST_ROWS = 5000;
/** Rows of a season at most; longer ones have too many states for the rows that there are. */
const LONGEST_SEASON = 366;
/** A forecast this many times the seen range beyond it is of no use to anybody. */
const RANGES_BEYOND = 5;

/** A family that fits each target by itself, by a method of the statistics of one column. */
export function univariateFamily({ type, summary, version, leastRows, cost, model }: Univariate): Family {
  const json = z.object({
    info: modelInfo.extend({ modelType: z.literal(type) }),
    fits: z.record(z.string(), univariateFit),
  });
  return {
    type,
    summary,
    version,
    shares: ['statistics', 'calendar'],
    settings: [],
    fits: 'each target by itself',
    leastRows: () => leastRows,
    ...(cost && {
      seconds: ({ rows, targets }) =>
        rows < leastRows || rows > (cost.mostRows ?? rows)
          ? undefined
          : (targets * Math.min(rows, MOST_ROWS) * cost.microsecondsARow) / 1e6,
    }),
    trainer: 'train-statistical',
    format: FORMAT,
    readInfo: (stored) => checked(json, stored).info,
    fit: async (task, hooks) => fitTargets(task, hooks, await model()),
    load: async (stored) => {
      const { info, fits } = checked(json, stored);
      return univariateForecaster(info, fits, await model());
    },
  };
}

/** Of the rows of fit and validate; one "epoch" a target. */
async function fitTargets(
  task: TrainTask,
  hooks: TrainHooks,
  model: UnivariateModel<unknown, unknown>,
): Promise<TrainedModel> {
  const { modelType, roles, series, segments } = task;
  const rows = rowsToFit(series, { start: segments.fit.start, end: segments.validate.end });
  const seasons = seasonsIn(task, rows);
  const season = Math.max(1, bestSeason({ ...task, seasonalPeriods: seasons }));
  const fits: Record<string, UnivariateFit> = {};
  let converged = 1;
  let evaluations = 0;
  const { signal } = hooks;
  const history = await fitEachTarget(roles.targets, hooks, (target) => {
    const fitted = fitTarget(task, target, { rows, season, seasons, model, ...(signal && { signal }) });
    fits[target] = fitted.json;
    converged = fitted.converged ? converged : 0;
    evaluations += fitted.evaluations;
  });
  const contextRows = Math.min(rows.end - rows.start, Math.max(model.minimumRows, 2 * season + 2));
  return {
    modelType,
    files: jsonFiles({ format: FORMAT, info: infoOf(task, contextRows), fits }),
    params: { season, fitted_rows: rows.end - rows.start, converged, evaluations },
    history,
  };
}

interface FitOf {
  readonly rows: RowRange;
  readonly season: number;
  readonly seasons: readonly number[];
  readonly model: UnivariateModel<unknown, unknown>;
  readonly signal?: AbortSignal;
}

function fitTarget(
  { series, modelType, settings }: TrainTask,
  target: string,
  { rows: { start, end }, season, seasons, model, signal }: FitOf,
): { json: UnivariateFit; converged: boolean; evaluations: number } {
  const values = (series.actual[target] ?? new Float64Array()).slice(start, end);
  const fitted = model.fit(values, { season, seasons, ...(signal && { signal }) });
  const { parameters, state, converged, evaluations } = fitted;
  const { mean } = model.forecast(parameters, state, settings.outputSeqLen);
  requireReason(mean, values, `${modelType} of ${target}`);
  const newest = rowsAfter(series, end);
  const later = (series.actual[target] ?? new Float64Array()).subarray(end, newest.end);
  return {
    converged,
    evaluations,
    json: {
      parameters: json(parameters),
      season,
      first: series.ts[start] ?? 0,
      last: series.ts[end - 1] ?? 0,
      rows: end - start,
      state: json(state),
      newest: {
        ts: series.ts[newest.end - 1] ?? 0,
        state: json(later.length === 0 ? state : model.update(parameters, state, later)),
      },
    },
  };
}

/** @throws RuntimeError fit_failed where a forecast is not finite, or far out of what was ever seen */
function requireReason(mean: Float64Array, values: Float64Array, what: string): void {
  const known = values.filter((value) => Number.isFinite(value));
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  const beyond = RANGES_BEYOND * Math.max(high - low, Math.abs(high), Math.abs(low), Number.MIN_VALUE);
  const odd = mean.find((value) => !(value >= low - beyond && value <= high + beyond));
  if (odd === undefined) return;
  throw new RuntimeError(
    'fit_failed',
    `expected a forecast near the rows seen (${low} to ${high}) from ${what}, got ${odd}`,
  );
}

/** The newest rows of a range that follow each other, of several such blocks the last that is not short beside the longest. */
function rowsToFit({ block }: Series, { start, end }: RowRange): RowRange {
  const blocks: RowRange[] = [];
  for (let row = start, from = start; row < end; row += 1) {
    if (row + 1 < end && block[row + 1] === block[row]) continue;
    blocks.push({ start: from, end: row + 1 });
    from = row + 1;
  }
  const rowsOf = (range: RowRange): number => range.end - range.start;
  const longest = Math.max(...blocks.map(rowsOf));
  const chosen = blocks.findLast((range) => 2 * rowsOf(range) >= Math.min(longest, MOST_ROWS)) ?? {
    start,
    end,
  };
  return { start: Math.max(chosen.start, chosen.end - MOST_ROWS), end: chosen.end };
}

/** Rows from `row` on that follow the one before it. */
function rowsAfter({ block, ts }: Series, row: number): RowRange {
  let end = row;
  while (end < ts.length && block[end] === block[row - 1]) end += 1;
  return { start: row, end };
}

/** Those of the data set of which the rows hold two. */
function seasonsIn({ seasonalPeriods }: TrainTask, { start, end }: RowRange): number[] {
  const most = Math.min(LONGEST_SEASON, Math.floor((end - start) / 2));
  return seasonalPeriods.filter((season) => season > 1 && season <= most);
}

/** As it will be read. */
function json(value: unknown): z.infer<ReturnType<typeof z.json>> {
  return z.json().parse(JSON.parse(JSON.stringify(value)));
}
