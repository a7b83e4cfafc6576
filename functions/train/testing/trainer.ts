import { trainModel, type RuntimePool, type TrainedModel } from '@flts/model-runtime';
import { hourlyCsv } from '../../preprocess/testing/stage.ts';
import { loadDataset } from '../../shared/dataset/load.ts';
import { checkpointKey, leaseKey } from '../../shared/keys.ts';
import { trainingClaim, type TrainingClaim } from '../../shared/messages/schema.ts';
import { storeArtifacts } from '../../shared/runs/manifest.ts';
import { trainTask } from '../../shared/runs/train-task.ts';
import { trainingKey } from '../../shared/runs/training-key.ts';
import type { Services } from '../../shared/services.ts';
import { stageStatus, type StageStatus } from '../../shared/status.ts';
import { createMemoryServices } from '../../shared/testing/memory-services.ts';
import { processUpload } from '../../shared/testing/promoted.ts';
import { createThreadlessPool } from '../../shared/testing/threadless-pool.ts';
import type { Run } from '../../shared/tracking/tracking.ts';
import { takeLease } from '../lease.ts';
import { train, type Trainer } from '../train.ts';

const delivery = {
  topic: 'training-data',
  partition: 0,
  offset: 3,
  timestamp: 0,
  key: 'load',
  headers: {},
  correlationId: 'c-1',
  remainingMs: () => 60_000,
};

let trained: Promise<TrainedModel> | undefined;

/** The model of the claim that all these tests have, trained once: they are about what comes before and after. */
export function trainedOnce(services: Services, claim: TrainingClaim): Promise<TrainedModel> {
  return (trained ??= (async () => {
    const { meta, series } = await loadDataset(services.storage, claim.identifier, claim.config_hash);
    return trainModel(trainTask('GRU', meta, series, claim.settings));
  })());
}

/** A trainer of GRU over services in memory that hold a processed upload. */
export async function createTrainer(pool: Partial<RuntimePool> = {}, memoryBytes?: number) {
  const world = createMemoryServices();
  const { training: claim } = await processUpload(world.services, 'load', { csv: hourlyCsv(400) });
  const work = { ...createThreadlessPool(), train: () => trainedOnce(world.services, claim), ...pool };
  const calls = { train: 0 };
  const counted: RuntimePool = { ...work, train: (...task) => ((calls.train += 1), work.train(...task)) };
  const memory = memoryBytes === undefined ? {} : { memoryBytes };
  const own: Trainer = { modelType: 'GRU', pool: counted, holder: 'us', ...memory };
  const keyOf = (of: TrainingClaim, claimId?: string): string =>
    trainingKey({
      identifier: of.identifier,
      configHash: of.config_hash,
      modelType: 'GRU',
      settings: of.settings,
      ...(claimId === undefined ? {} : { claimId }),
    });
  const { identifier, config_hash: configHash } = claim;
  return {
    ...world,
    claim,
    calls,
    keyOf,
    lease: leaseKey(identifier, configHash, keyOf(claim)),
    rival: () =>
      takeLease(world.storage, { identifier, configHash, trainingKey: keyOf(claim), holder: 'rival' }),
    train: (of = claim, services = world.services) => train(of, delivery, own, services),
    /** Delivers a claim to an instance that has no time: it trains a batch, or validates, and hands the claim on. */
    trainInNoTime: (of: TrainingClaim, { holder = 'us', services = world.services } = {}) =>
      train(of, { ...delivery, remainingMs: () => 0 }, { ...own, holder }, services),
    checkpoint: checkpointKey(identifier, configHash, keyOf(claim)),
    /** Continuations of claims, in order. */
    continuations: () =>
      world.publisher.messages('training-data').map((message) => trainingClaim.parse(message)),
    messages: () => world.publisher.messages('model-training'),
    run: (runId: string): Run | undefined => world.tracking.runs().find((run) => run.runId === runId),
    status: async (of = claim): Promise<StageStatus | undefined> => {
      const key = `${of.identifier}/status/${of.claim_id}/train-GRU.json`;
      return (await world.storage.getJson('processed-data', key, stageStatus))?.value;
    },
    /** A run of the claim's key as another trainer may have left it. */
    left: async (status: Run['status'], startTime: number, complete = true): Promise<string> => {
      const experimentId = await world.tracking.experimentId(identifier);
      const tags = { 'flts.training_key': keyOf(claim), 'flts.evaluation_hash': 'theirs' };
      const run = await world.tracking.createRun({ experimentId, runName: 'GRU', startTime, tags });
      if (complete) await storeArtifacts(world.tracking, run, { trainingKey: keyOf(claim), artifacts: [] });
      await world.tracking.setStatus(run.runId, status, startTime + 1);
      return run.runId;
    },
  };
}
