import { fitStandardDeviations } from '../../evaluation/fit-std.ts';
import { scoreBacktest } from '../../evaluation/score.ts';
import type { TrainTask } from '../../types.ts';
import { origins } from '../../windows/windows.ts';
import { baselineFamily, lastValue, ruleForecaster, type Rule } from '../baseline.ts';
import { infoOf } from '../family.ts';

export const seasonalNaive = baselineFamily({
  type: 'SEASONAL_NAIVE',
  summary: 'The last season goes on: of `SEASONAL_PERIODS` the one that forecasts `validate` best.',
  version: 1,
  settings: ['inputSeqLen', 'outputSeqLen'],
  rule: ({ season }) => repeated(season),
  contextRows: ({ season }) => Math.max(1, season),
  season: bestSeason,
});

/** season: rows; without one, or with fewer rows before the origin, the last value goes on. */
function repeated(season: number): Rule {
  return (values, origin, step) =>
    season === 0 || origin < season
      ? lastValue(values, origin, step)
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
    const of = { series, origins: common, horizon };
    const backtest = ruleForecaster(repeated(season), infoOf(task, season)).backtest({
      scaler: task.scaler,
      ...of,
    });
    return { season, rmse: scoreBacktest({ ...of, backtest, targets: roles.targets, fitStd }).rmse };
  });
  return scored.toSorted((a, b) => a.rmse - b.rmse || a.season - b.season)[0]?.season ?? 0;
}
