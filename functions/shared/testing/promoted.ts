import { trainModel, type ModelType, type RuntimePool } from '@flts/model-runtime';
import { createStage } from '../../preprocess/testing/stage.ts';
import { loadDataset } from '../dataset/load.ts';
import { pointerKey, ROOT_POINTER_KEY } from '../keys.ts';
import {
  inferenceClaim,
  trainingClaim,
  type InferenceClaim,
  type TrainingClaim,
} from '../messages/schema.ts';
import type { Pointer } from '../promotion.ts';
import { completeRun, SCORE_WEIGHTS } from '../runs/complete-run.ts';
import { evaluationPlan } from '../runs/evaluation-plan.ts';
import { trainTask } from '../runs/train-task.ts';
import type { Services } from '../services.ts';
import { BUCKETS, TOPICS } from '../topics.ts';
import { createMemoryServices } from './memory-services.ts';
import { createThreadlessPool } from './threadless-pool.ts';

/** Settings of a dataset.config.json that let a model be trained at once. */
export const SMALL_CONFIG = {
  INPUT_SEQ_LEN: 12,
  OUTPUT_SEQ_LEN: 6,
  EPOCHS: 1,
  HIDDEN_SIZE: 4,
  SEASONAL_PERIODS: [24],
};

export interface Processed {
  readonly training: TrainingClaim;
  readonly inference: InferenceClaim;
}

/** Uploads `csv` as dataset/<identifier>.csv, with its settings and where given its test file, and preprocesses it; the claims that come of it. */
export async function processUpload(
  services: Pick<Services, 'storage'>,
  identifier: string,
  { csv, testCsv, config = {} }: { csv: string; testCsv?: string; config?: Record<string, unknown> },
): Promise<Processed> {
  const stage = createStage(() => services.storage);
  const put = (name: string, body: string) => services.storage.put(BUCKETS.dataset, name, body);
  await put(`${identifier}.config.json`, JSON.stringify({ ...SMALL_CONFIG, ...config }));
  if (testCsv !== undefined) await put(`${identifier}_test.csv`, testCsv);
  await put(`${identifier}.csv`, csv);
  await stage.run(await stage.put(`${identifier}.csv`, csv));
  return {
    training: trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData)[0]),
    inference: inferenceClaim.parse(stage.publisher.messages(TOPICS.inferenceData)[0]),
  };
}

/** A finished run of `modelType` for a claim, with all its artifacts. */
export async function finishedRun(
  { tracking, storage, now }: Services,
  claim: TrainingClaim,
  modelType: ModelType,
  pool: RuntimePool = createThreadlessPool(),
): Promise<string> {
  const { identifier, config_hash, settings } = claim;
  const { meta, series } = await loadDataset(storage, identifier, config_hash);
  const plan = evaluationPlan(meta, series, settings);
  const experimentId = await tracking.experimentId(identifier);
  const run = await tracking.createRun({ experimentId, runName: modelType, startTime: now(), tags: {} });
  const trained = await trainModel(trainTask(modelType, meta, series, settings));
  await completeRun({ run, trainingKey: 'a-key', trained, meta, series, plan }, tracking, pool, now);
  await tracking.setStatus(run.runId, 'FINISHED', now());
  return run.runId;
}

/** Points the identifier, and `global`, at a run. */
export async function pointAt(
  { storage }: Pick<Services, 'storage'>,
  claim: TrainingClaim,
  { runId, modelType }: { runId: string; modelType: ModelType },
): Promise<Pointer> {
  const { identifier, config_hash, claim_id, claimed_at } = claim;
  const promoted: Pointer = {
    v: 1,
    identifier,
    config_hash,
    claim_id,
    claimed_at,
    promotion_id: `promotion-of-${runId}`,
    previous_promotion_id: null,
    previous_run_id: null,
    run_id: runId,
    run_name: modelType,
    model_type: modelType,
    experiment: identifier,
    model_uri: `runs:/${runId}/${modelType}`,
    evaluation_hash: 'an-evaluation',
    rmse: 1,
    mae: 1,
    mse: 1,
    score: 1,
    weights: SCORE_WEIGHTS,
    timestamp: claimed_at,
    reason: 'best_score',
    scoreboard: [],
  };
  for (const key of [pointerKey(identifier), ROOT_POINTER_KEY])
    await storage.putJson(BUCKETS.promotion, key, promoted);
  return promoted;
}

/** Services in memory that hold a processed upload and a promoted model of it. */
export async function promotedWorld(
  identifier: string,
  modelType: ModelType,
  upload: Parameters<typeof processUpload>[2],
) {
  const world = createMemoryServices();
  const claims = await processUpload(world.services, identifier, upload);
  const runId = await finishedRun(world.services, claims.training, modelType);
  const promoted = await pointAt(world.services, claims.training, { runId, modelType });
  return { ...world, ...claims, runId, promoted };
}
