import type { RuntimePool } from '@flts/model-runtime';
import { BASELINE_TYPES } from '@flts/model-runtime/families';
import type { Delivery } from '../../shared/handlers/kafka-handler.ts';
import type { ModelTraining } from '../../shared/messages/schema.ts';
import { pointer, type Pointer } from '../../shared/promotion.ts';
import { storeArtifacts } from '../../shared/runs/manifest.ts';
import { trainingKey } from '../../shared/runs/training-key.ts';
import type { Services } from '../../shared/services.ts';
import { claimSettings, readSettings } from '../../shared/settings/settings.ts';
import { stageStatus, type StageStatus } from '../../shared/status.ts';
import { createMemoryServices } from '../../shared/testing/memory-services.ts';
import { createThreadlessPool } from '../../shared/testing/threadless-pool.ts';
import { evaluate } from '../evaluate.ts';

export const delivery: Delivery = {
  topic: 'model-training',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: 'load',
  headers: {},
  correlationId: 'c-1',
  remainingMs: () => 60_000,
};

export interface Claim {
  readonly id?: string;
  readonly at?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface FinishedRun {
  readonly score: number;
  readonly startTime?: number;
  readonly evaluationHash?: string;
  /** Artifacts beside the manifest; default: model and scaler. */
  readonly artifacts?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** One trainer's word on a claim. */
export function outcome(
  modelType: string,
  fields: Partial<ModelTraining> = {},
  { id = 'claim-1', at = '2024-05-01T10:00:00.000Z', settings = {} }: Claim = {},
): ModelTraining {
  return {
    v: 1,
    identifier: 'load',
    config_hash: 'config',
    claim_id: id,
    claimed_at: at,
    produced_at: at,
    operation: `Trained: ${modelType}`,
    status: 'SUCCESS',
    experiment: 'load',
    run_name: modelType,
    model_type: modelType,
    settings: readSettings(claimSettings.shape, { EXPECTED_MODEL_TYPES: 'GRU,LSTM', ...settings }),
    ...fields,
  };
}

/** The evaluator over services in memory, with finished baselines of these scores. */
export async function evaluator(baselines: Partial<Record<(typeof BASELINE_TYPES)[number], number>> = {}) {
  const world = createMemoryServices();
  const { tracking, storage } = world;
  const experimentId = await tracking.experimentId('load');

  async function run(modelType: string, of: FinishedRun): Promise<string> {
    const { score, startTime = 1000, evaluationHash = 'origins' } = of;
    const { artifacts = [`${modelType}/model.json`, 'scaler/scaler.json'] } = of;
    const tags = { 'flts.evaluation_hash': evaluationHash, ...of.tags };
    const created = await tracking.createRun({ experimentId, runName: modelType, startTime, tags });
    const metrics = ['rmse', 'mae', 'mse', 'score'].flatMap((name) => [
      { key: `select_${name}`, value: score, step: 0, timestamp: 0 },
      { key: `test_${name}`, value: 2 * score, step: 0, timestamp: 0 },
    ]);
    await tracking.log(created.runId, { metrics });
    const stored = artifacts.map((path) => ({ path, bytes: Buffer.from('{}') }));
    await storeArtifacts(tracking, created, { trainingKey: 'key', artifacts: stored });
    await tracking.setStatus(created.runId, 'FINISHED', startTime + 1);
    return created.runId;
  }

  for (const type of BASELINE_TYPES) {
    const { settings } = outcome(type);
    const key = trainingKey({ identifier: 'load', configHash: 'config', modelType: type, settings });
    await run(type, { score: baselines[type] ?? 0.9, tags: { 'flts.training_key': key } });
  }
  const json = async (key: string): Promise<unknown> => {
    const found = await storage.get('model-promotion', key);
    return found === undefined ? undefined : JSON.parse(Buffer.from(found.body).toString());
  };
  return {
    ...world,
    run,
    json,
    evaluate: (message: ModelTraining, services: Services = world.services, pool?: RuntimePool) =>
      evaluate(message, delivery, pool ?? createThreadlessPool(), services),
    pointer: async (): Promise<Pointer | undefined> =>
      (await storage.getJson('model-promotion', 'load/current.json', pointer))?.value,
    status: async (id = 'claim-1'): Promise<StageStatus | undefined> =>
      (await storage.getJson('processed-data', `load/status/${id}/evaluate.json`, stageStatus))?.value,
    selected: () => world.publisher.messages('model-selected'),
    history: () => storage.keys().filter((key) => key.includes('/promotion-')),
  };
}
