import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingClaim } from '../../functions/shared/messages/schema.ts';
import { trainingKey, TRAINING_KEY_TAG } from '../../functions/shared/runs/training-key.ts';
import { mskEvent, startCrashWorld, type CrashWorld } from '../support/crash-world.ts';
import { processedClaim, trialOf } from '../support/processed.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';
import { killAtEveryRequest } from './every-request.ts';

const environment = { MODEL_TYPE: 'GRU' };

describe('train', () => {
  let world: CrashWorld;
  let claim: TrainingClaim;
  let outcomes: TopicTap;

  beforeAll(async () => {
    world = await startCrashWorld();
    claim = await processedClaim(world, 'series');
    outcomes = await tapTopic(world.kafka, 'model-training');
  });
  afterAll(async () => {
    await outcomes?.close();
    await world?.close();
  });

  async function runsOf(trial: TrainingClaim): Promise<{ finished: string[]; running: string[] }> {
    const key = trainingKey({
      identifier: trial.identifier,
      configHash: trial.config_hash,
      modelType: 'GRU',
      settings: trial.settings,
    });
    const experiment = await world.tracking.experimentId(trial.identifier);
    const find = async (status: 'FINISHED' | 'RUNNING'): Promise<string[]> =>
      (await world.tracking.findRuns(experiment, { key: TRAINING_KEY_TAG, value: key }, status)).map(
        ({ runId }) => runId,
      );
    return { finished: await find('FINISHED'), running: await find('RUNNING') };
  }

  const successes = (trial: TrainingClaim): unknown[] =>
    outcomes.records
      .filter(({ json }) => json['claim_id'] === trial.claim_id && json['status'] === 'SUCCESS')
      .map(({ json }) => json['run_id']);

  it(
    'killed at every request and delivered again ends with one finished run, and no run left running',
    { timeout: 300_000 },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'train',
        environment,
        prepare: async (nth) => mskEvent('training-data', trialOf(claim, nth)),
        verify: async (nth) => {
          const trial = trialOf(claim, nth);
          await outcomes.next(
            ({ json }) => json['claim_id'] === trial.claim_id && json['status'] === 'SUCCESS',
          );
          const { finished, running } = await runsOf(trial);
          expect(running).toEqual([]);
          expect(finished).toHaveLength(1);
          expect(new Set(successes(trial))).toEqual(new Set(finished));
        },
      });
      expect(kills).toBeGreaterThan(15);
    },
  );

  it(
    'twice at once trains once: the rival is told to come again, and then reuses the run',
    { timeout: 60_000 },
    async () => {
      const trial = trialOf(claim, 900);
      const event = mskEvent('training-data', trial);
      const both = await Promise.all([
        world.deliver('train', event, { environment }),
        world.deliver('train', event, { environment }),
      ]);
      const results = both.map(({ result }) => JSON.stringify(result)).toSorted();
      expect(results[0]).toBe('{"batchItemFailures":[]}');
      const again = await world.deliver('train', event, { environment });
      expect(again.result).toEqual({ batchItemFailures: [] });
      expect((await runsOf(trial)).finished).toHaveLength(1);
    },
  );
});
