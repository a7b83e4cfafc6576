import { BASELINE_TYPES } from '@flts/model-runtime/families';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelTraining, TrainingClaim } from '../../functions/shared/messages/schema.ts';
import { KILLING_MS, MOMENT } from '../support/crash-moments.ts';
import { mskEvent, startCrashWorld, type CrashWorld } from '../support/crash-world.ts';
import { processedClaim, trialOf } from '../support/processed.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';
import { killAtEveryRequest } from './every-request.ts';

describe('evaluate', () => {
  let world: CrashWorld;
  let trained: ModelTraining;
  let claim: TrainingClaim;
  let selected: TopicTap;

  beforeAll(async () => {
    world = await startCrashWorld();
    claim = await processedClaim(world, 'series');
    const outcomes = await tapTopic(world.kafka, 'model-training');
    const ended = await world.deliver('train', mskEvent('training-data', trialOf(claim, 0)), {
      environment: { MODEL_TYPE: 'GRU' },
    });
    expect(ended.result, ended.log).toEqual({ batchItemFailures: [] });
    trained = (await outcomes.next(({ json }) => json['status'] === 'SUCCESS')).json as ModelTraining;
    await outcomes.close();
    selected = await tapTopic(world.kafka, 'model-selected');
  }, 60_000);
  afterAll(async () => {
    await selected?.close();
    await world?.close();
  });

  /** The GRU's outcome as the nth claim's; levels of its own, which every run holds, so that the baselines are made anew. */
  function outcomeOf(nth: number): ModelTraining {
    const { claim_id, claimed_at, settings } = trialOf(claim, nth);
    return {
      ...trained,
      claim_id,
      claimed_at,
      settings: { ...settings, EXPECTED_MODEL_TYPES: ['GRU'], INTERVAL_LEVELS: [80 + nth / 100] },
    };
  }

  async function historyOf(outcome: ModelTraining): Promise<string[]> {
    const keys: string[] = [];
    const prefix = `series/${claim.config_hash}/promotion-${Date.parse(outcome.claimed_at)}-`;
    for await (const { key } of world.storage.list('model-promotion', prefix)) keys.push(key);
    return keys;
  }

  const selections = (outcome: ModelTraining): Set<string> =>
    new Set(
      selected.records
        .filter(({ json }) => json['claim_id'] === outcome.claim_id)
        .map(({ json }) => JSON.stringify({ ...json, produced_at: '' })),
    );

  it(`killed at every ${MOMENT} and delivered again promotes once`, { timeout: KILLING_MS }, async () => {
    const kills = await killAtEveryRequest(world, {
      stage: 'evaluate',
      at: withoutMiddleBaselines,
      prepare: async (nth) => mskEvent('model-training', outcomeOf(nth)),
      verify: async (nth) => {
        const outcome = outcomeOf(nth);
        await selected.next(({ json }) => json['claim_id'] === outcome.claim_id);
        expect(await historyOf(outcome)).toHaveLength(1);
        expect(selections(outcome).size).toBe(1);
        const pointer = await world.storage.get('model-promotion', 'series/current.json');
        expect(JSON.parse(Buffer.from(pointer?.body ?? []).toString())).toMatchObject({
          claim_id: outcome.claim_id,
        });
      },
    });
    expect(kills).toBeGreaterThan(20);
  });

  it('twice at once promotes once', { timeout: 60_000 }, async () => {
    const outcome = outcomeOf(900);
    const event = mskEvent('model-training', outcome);
    const both = await Promise.all([world.deliver('evaluate', event), world.deliver('evaluate', event)]);
    expect(both.map(({ result }) => result)).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    await selected.next(({ json }) => json['claim_id'] === outcome.claim_id);
    expect(await historyOf(outcome)).toHaveLength(1);
    expect(selections(outcome).size).toBe(1);
  });
});

/**
 * The baselines are logged alike, one after the other, and seven writes decide and tell: those of the baselines between the first
 * and the last are left out.
 */
function withoutMiddleBaselines(writes: number): number[] {
  const baselines = BASELINE_TYPES.length;
  const each = (writes - 7) / baselines;
  expect(Number.isInteger(each), `${baselines} times as many writes and seven, got ${writes}`).toBe(true);
  const all = Array.from({ length: writes }, (_, index) => index + 1);
  return all.filter((nth) => nth <= each || nth > (baselines - 1) * each);
}
