import type { RuntimePool } from '@flts/model-runtime';
import { BASELINE_TYPES } from '@flts/model-runtime/families';
import { trainTask } from '../shared/runs/train-task.ts';
import { trainingKey } from '../shared/runs/training-key.ts';
import type { Services } from '../shared/services.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import { runOnce, type RunOnce } from './run-once.ts';

export type BaselinesOf = Pick<RunOnce, 'identifier' | 'configHash' | 'settings' | 'load'>;

/** The finished runs of every baseline for a dataset, made where missing. */
export async function baselineRuns(of: BaselinesOf, services: Services, pool: RuntimePool): Promise<Run[]> {
  const { identifier, configHash, settings } = of;
  const runs: Run[] = [];
  for (const modelType of BASELINE_TYPES) {
    const baseline = {
      ...of,
      modelType,
      trainingKey: trainingKey({ identifier, configHash, modelType, settings }),
      train: ({ meta, series }) => pool.train(trainTask(modelType, meta, series, settings)),
    } satisfies RunOnce;
    runs.push(await runOnce(baseline, services, pool));
  }
  return runs;
}
