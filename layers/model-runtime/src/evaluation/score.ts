import { RuntimeError } from '../errors.ts';
import { compensatedSum } from '../scaling/compensated-sum.ts';
import type { Backtest, Series } from '../types.ts';

export interface Errors {
  readonly rmse: number;
  readonly mae: number;
  readonly mse: number;
}

/** Pooled figures in units of each target's deviation in `fit`, averaged over targets; per target in original units. */
export interface Score extends Errors {
  readonly perTarget: Readonly<Record<string, Errors>>;
  /** Left out of the averages: constant in `fit`, or without any known truth. */
  readonly constantTargets: readonly string[];
}

export interface ScoreOf {
  readonly backtest: Backtest;
  readonly series: Series;
  readonly origins: Int32Array;
  readonly horizon: number;
  readonly targets: readonly string[];
  readonly fitStd: Readonly<Record<string, number>>;
}

/**
 * Errors against the untouched truth; missing truth is not scored.
 * @throws RuntimeError non_finite_prediction, naming target, step and origin
 */
export function scoreBacktest(of: ScoreOf): Score {
  const perTarget = Object.fromEntries(of.targets.map((target) => [target, errorsOf(of, target)]));
  const scored = of.targets.filter(
    (target) => (of.fitStd[target] ?? 0) > 0 && Number.isFinite(perTarget[target]?.mse),
  );
  const average = (pick: (errors: Errors, std: number) => number): number =>
    compensatedSum(
      scored.map((target) => pick(perTarget[target] ?? { rmse: 0, mae: 0, mse: 0 }, of.fitStd[target] ?? 1)),
    ) / scored.length;
  return {
    rmse: average(({ rmse }, std) => rmse / std),
    mae: average(({ mae }, std) => mae / std),
    mse: average(({ mse }, std) => mse / std / std),
    perTarget,
    constantTargets: of.targets.filter((target) => !scored.includes(target)),
  };
}

function errorsOf({ backtest, series, origins, horizon }: ScoreOf, target: string): Errors {
  const predicted = backtest.values[target] ?? new Float64Array();
  const actual = series.actual[target] ?? new Float64Array();
  const errors: number[] = [];
  for (const [index, origin] of origins.entries()) {
    for (let step = 0; step < horizon; step += 1) {
      const truth = actual[origin + step] ?? Number.NaN;
      if (Number.isNaN(truth)) continue;
      const value = predicted[index * horizon + step] ?? Number.NaN;
      if (!Number.isFinite(value)) throw nonFinite(value, { target, step, origin });
      errors.push(value - truth);
    }
  }
  const mse = compensatedSum(errors.map((error) => error * error)) / errors.length;
  return { mse, rmse: Math.sqrt(mse), mae: compensatedSum(errors.map(Math.abs)) / errors.length };
}

function nonFinite(
  value: number,
  { target, step, origin }: { target: string; step: number; origin: number },
): RuntimeError {
  return new RuntimeError(
    'non_finite_prediction',
    `expected a finite prediction of ${target}, step ${step + 1} from origin ${origin}, got ${value}`,
  );
}

/** 0.5 rmse + 0.3 mae + 0.2 mse; lower is better. */
export function promotionScore({ rmse, mae, mse }: Errors): number {
  return 0.5 * rmse + 0.3 * mae + 0.2 * mse;
}
