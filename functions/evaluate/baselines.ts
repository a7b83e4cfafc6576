import type { RuntimePool, Series } from '@flts/model-runtime';
import { BASELINE_TYPES } from '@flts/model-runtime/families';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import { completeRun } from '../shared/runs/complete-run.ts';
import { evaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { earliestComplete } from '../shared/runs/manifest.ts';
import { trainTask } from '../shared/runs/train-task.ts';
import { EVALUATION_HASH_TAG, trainingKey, TRAINING_KEY_TAG } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import type { ClaimSettings } from '../shared/settings/settings.ts';
import type { Run } from '../shared/tracking/tracking.ts';

export interface BaselinesOf {
  readonly identifier: string;
  readonly configHash: string;
  readonly settings: ClaimSettings;
  readonly load: () => Promise<{ meta: DatasetMeta; series: Series }>;
}

/**
 * The finished runs of NAIVE, SEASONAL_NAIVE and MEAN_WINDOW for a dataset, made where missing. No lease: rivals make
 * equal runs, and everyone takes the earliest.
 */
export async function baselineRuns(of: BaselinesOf, services: Services, pool: RuntimePool): Promise<Run[]> {
  const experimentId = await services.tracking.experimentId(of.identifier);
  const runs: Run[] = [];
  for (const type of BASELINE_TYPES) runs.push(await baselineRun(type, of, { services, pool, experimentId }));
  return runs;
}

interface Wiring {
  readonly services: Services;
  readonly pool: RuntimePool;
  readonly experimentId: string;
}

async function baselineRun(
  modelType: string,
  of: BaselinesOf,
  { services, pool, experimentId }: Wiring,
): Promise<Run> {
  const { tracking, now } = services;
  const { identifier, configHash, settings } = of;
  const key = trainingKey({ identifier, configHash, modelType, settings });
  const finished = async (): Promise<Run | undefined> =>
    earliestComplete(
      tracking,
      await tracking.findRuns(experimentId, { key: TRAINING_KEY_TAG, value: key }, 'FINISHED'),
    );
  const found = await finished();
  if (found !== undefined) return found;
  const { meta, series } = await of.load();
  const plan = evaluationPlan(meta, series, settings);
  const tags = {
    [TRAINING_KEY_TAG]: key,
    [EVALUATION_HASH_TAG]: plan.hash,
    'flts.config_hash': configHash,
    'flts.model_type': modelType,
  };
  const run = await tracking.createRun({ experimentId, runName: modelType, startTime: now(), tags });
  const trained = await pool.train(trainTask(modelType, meta, series, settings));
  await completeRun({ run, trainingKey: key, trained, meta, series, plan }, tracking, pool, now);
  await tracking.setStatus(run.runId, 'FINISHED', now());
  return (await finished()) ?? run;
}
