import type { ModelType, RuntimePool, Series, TrainedModel } from '@flts/model-runtime';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import { completeRun } from '../shared/runs/complete-run.ts';
import { evaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { earliestComplete } from '../shared/runs/manifest.ts';
import { EVALUATION_HASH_TAG, TRAINING_KEY_TAG } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import type { ClaimSettings } from '../shared/settings/settings.ts';
import type { Run, RunStatus } from '../shared/tracking/tracking.ts';

export interface Dataset {
  readonly meta: DatasetMeta;
  readonly series: Series;
}

export interface RunOnce {
  readonly identifier: string;
  readonly configHash: string;
  readonly settings: ClaimSettings;
  readonly modelType: ModelType;
  /** Equal keys, equal models. */
  readonly trainingKey: string;
  readonly load: () => Promise<Dataset>;
  readonly train: (dataset: Dataset) => Promise<TrainedModel>;
}

/**
 * The finished run of a key, made where it is missing. No lease: rivals make equal runs, and everyone takes the earliest. Runs
 * of the key that are still RUNNING then are KILLED: a crash left them, or a rival, which ends its own as FINISHED all the same.
 */
export async function runOnce(of: RunOnce, services: Services, pool: RuntimePool): Promise<Run> {
  const { tracking, now } = services;
  const experimentId = await tracking.experimentId(of.identifier);
  const runsOf = (status: RunStatus): Promise<Run[]> =>
    tracking.findRuns(experimentId, { key: TRAINING_KEY_TAG, value: of.trainingKey }, status);
  const found = await earliestComplete(tracking, await runsOf('FINISHED'));
  if (found !== undefined) return found;
  const dataset = await of.load();
  const plan = evaluationPlan(dataset.meta, dataset.series, of.settings);
  const tags = {
    [TRAINING_KEY_TAG]: of.trainingKey,
    [EVALUATION_HASH_TAG]: plan.hash,
    'flts.config_hash': of.configHash,
    'flts.model_type': of.modelType,
  };
  const run = await tracking.createRun({ experimentId, runName: of.modelType, startTime: now(), tags });
  const content = { run, trainingKey: of.trainingKey, trained: await of.train(dataset), ...dataset, plan };
  await completeRun(content, tracking, pool, now);
  await tracking.setStatus(run.runId, 'FINISHED', now());
  for (const { runId } of await runsOf('RUNNING')) await tracking.setStatus(runId, 'KILLED', now());
  return (await earliestComplete(tracking, await runsOf('FINISHED'))) ?? run;
}
