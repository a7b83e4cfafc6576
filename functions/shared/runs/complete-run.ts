import {
  conformalHalfWidths,
  promotionScore,
  type HalfWidths,
  scoreBacktest,
  type RuntimePool,
  type Score,
  type Series,
  type TrainedModel,
} from '@flts/model-runtime';
import type { DatasetMeta } from '../dataset/meta.ts';
import type { Run, Tracking } from '../tracking/tracking.ts';
import type { EvaluationPlan } from './evaluation-plan.ts';
import { storeArtifacts, type Artifact } from './manifest.ts';
import { predictionsParquet } from './predictions.ts';

/** The run parameter that says how many steps a model was scored on. */
export const HORIZON_PARAM = 'evaluation_horizon';

export const SCORE_WEIGHTS = { rmse: 0.5, mae: 0.3, mse: 0.2 };

export interface RunContent {
  readonly run: Run;
  readonly trainingKey: string;
  readonly trained: TrainedModel;
  readonly meta: DatasetMeta;
  readonly series: Series;
  readonly plan: EvaluationPlan;
}

/**
 * Scores a trained model on the claim's common origins and stores everything a run needs: metrics, model, scaler,
 * predictions, manifest. The run is not yet FINISHED: its owner says so after a last look at its lease.
 */
export async function completeRun(
  content: RunContent,
  tracking: Tracking,
  pool: RuntimePool,
  now: () => number,
): Promise<void> {
  const { run, trainingKey, trained, meta } = content;
  const select = await scoreSegment(content, 'select', pool);
  const test = await scoreSegment(content, 'test', pool);
  const metrics = [...metricsOf('select', select.score), ...metricsOf('test', test.score)];
  await tracking.log(run.runId, {
    params: {
      ...trained.params,
      [HORIZON_PARAM]: content.plan.horizon,
      evaluation_stride: content.plan.stride,
      evaluation_origins: content.plan.select.length,
    },
    metrics: metrics.map(([key, value]) => ({ key, value, step: 0, timestamp: now() })),
    tags: { 'flts.constant_targets': select.score.constantTargets.join(',') },
  });
  const artifacts: Artifact[] = [
    ...trained.files.map(({ path, bytes }) => ({ path: `${trained.modelType}/${path}`, bytes })),
    { path: 'scaler/scaler.json', bytes: Buffer.from(JSON.stringify(meta.scaler)) },
    { path: 'predictions/select.parquet', bytes: select.predictions },
    { path: 'predictions/test.parquet', bytes: test.predictions },
  ];
  const intervals = await calibrated(content, pool);
  await storeArtifacts(tracking, run, { trainingKey, artifacts, intervals });
}

/** Half widths of intervals, from the errors of forecasts that no score has read. */
async function calibrated(
  { run, trained, meta, series, plan }: RunContent,
  pool: RuntimePool,
): Promise<HalfWidths> {
  const { horizon, levels, calibration: origins } = plan;
  const { targets } = meta.roles;
  const task = { files: trained.files, modelKey: run.runId, scaler: meta.scaler, series, origins, horizon };
  const backtest = origins.length === 0 ? { values: {} } : await pool.backtest(task);
  return conformalHalfWidths({ backtest, series, origins, horizon, targets, levels });
}

async function scoreSegment(
  { run, trained, meta, series, plan }: RunContent,
  segment: 'select' | 'test',
  pool: RuntimePool,
): Promise<{ score: Score; predictions: Uint8Array }> {
  const origins = plan[segment];
  const { horizon, fitStd } = plan;
  const backtest = await pool.backtest({
    files: trained.files,
    modelKey: run.runId,
    scaler: meta.scaler,
    series,
    origins,
    horizon,
  });
  const score = scoreBacktest({ backtest, series, origins, horizon, targets: meta.roles.targets, fitStd });
  return { score, predictions: await predictionsParquet({ series, origins, horizon, backtest }) };
}

/** `select_` and `test_` metrics in units of the score, and each target's own in original units. */
function metricsOf(segment: string, score: Score): [string, number][] {
  const { rmse, mae, mse } = score;
  const pooled: [string, number][] = [
    [`${segment}_rmse`, rmse],
    [`${segment}_mae`, mae],
    [`${segment}_mse`, mse],
    [`${segment}_score`, promotionScore({ rmse, mae, mse })],
  ];
  const own = Object.entries(score.perTarget).flatMap(([target, figures]) =>
    Object.entries(figures).map(([name, value]): [string, number] => [
      `${segment}_${name}.${metricName(target)}`,
      value,
    ]),
  );
  return [...pooled, ...own];
}

/** MLflow's keys take letters, digits and `_ - . : /` and space alone. */
function metricName(target: string): string {
  return target.replaceAll(/[^\w\-. :/]/gu, '_');
}
