import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceClaim, ModelTraining } from '../../functions/shared/messages/schema.ts';
import { EVERY_REQUEST, KILLING_MS, MOMENT } from '../support/crash-moments.ts';
import { mskEvent, startCrashWorld, type CrashWorld } from '../support/crash-world.ts';
import { processedClaim, trialOf } from '../support/processed.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';
import { killAtEveryRequest } from './every-request.ts';

const NOTHING_FAILED = { batchItemFailures: [] };

describe('infer and record', () => {
  let world: CrashWorld;
  let claim: InferenceClaim;
  let results: TopicTap;
  let selected: Record<string, unknown>;

  beforeAll(async () => {
    world = await startCrashWorld();
    const training = trialOf(await processedClaim(world, 'series'), 0);
    const [claims, outcomes, selections] = await Promise.all([
      tapTopic(world.kafka, 'inference-data'),
      tapTopic(world.kafka, 'model-training'),
      tapTopic(world.kafka, 'model-selected'),
    ]);
    const settings = { ...training.settings, EXPECTED_MODEL_TYPES: ['GRU'] };
    await world.deliver('train', mskEvent('training-data', { ...training, settings }), {
      environment: { MODEL_TYPE: 'GRU' },
    });
    const trained = (await outcomes.next(({ json }) => json['status'] === 'SUCCESS')).json as ModelTraining;
    const evaluated = await world.deliver('evaluate', mskEvent('model-training', trained));
    expect({ result: evaluated.result, log: evaluated.log }).toMatchObject({ result: NOTHING_FAILED });
    selected = (await selections.next(() => true)).json;
    claim = (await claims.next(() => true)).json as InferenceClaim;
    await Promise.all([claims.close(), outcomes.close(), selections.close()]);
    results = await tapTopic(world.kafka, 'inference-results');
  }, 60_000);
  afterAll(async () => {
    await results?.close();
    await world?.close();
  });

  /** What was published for a claim, but for when it was. */
  const published = (claimId: string): Set<string> =>
    new Set(
      results.records
        .filter(({ json }) => json['claim_id'] === claimId)
        .map(({ json }) => JSON.stringify({ ...json, produced_at: '' })),
    );

  it(
    `infer, killed at every ${MOMENT} and delivered again, makes one line`,
    { timeout: KILLING_MS },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'infer',
        prepare: async (nth) => mskEvent('inference-data', { ...claim, claim_id: `infer-${nth}` }),
        verify: async (nth) => {
          await results.next(({ json }) => json['claim_id'] === `infer-${nth}`);
          expect(published(`infer-${nth}`).size).toBe(1);
        },
      });
      expect(kills).toBeGreaterThan(EVERY_REQUEST ? 8 : 1);
    },
  );

  it(
    `a claim kept before there was a model, killed at every ${MOMENT} of the taking up, makes one line and is forgotten`,
    { timeout: KILLING_MS },
    async () => {
      const pending = (nth: number): string => `series/pending/taken-${nth}.json`;
      const kills = await killAtEveryRequest(world, {
        stage: 'infer',
        prepare: async (nth) => {
          const kept = { ...claim, claim_id: `taken-${nth}`, report_status: true };
          const body = { v: 1, claim: kept, correlation_id: 'a-correlation', deadline_ms: null };
          await world.storage.putJson('processed-data', pending(nth), body);
          return mskEvent('model-selected', selected);
        },
        verify: async (nth) => {
          await results.next(({ json }) => json['claim_id'] === `taken-${nth}`);
          expect(published(`taken-${nth}`).size).toBe(1);
          expect(await world.storage.head('processed-data', pending(nth))).toBeUndefined();
        },
      });
      expect(kills).toBeGreaterThan(EVERY_REQUEST ? 8 : 2);
    },
  );

  it(
    `record, killed at every ${MOMENT} and delivered again, or twice at once, writes a line once`,
    { timeout: KILLING_MS },
    async () => {
      const { json } = await results.next(() => true);
      const lineOf = (nth: number): Record<string, unknown> => {
        const line = Object(json['line']);
        return { ...json, line: { ...line, metrics: { ...line.metrics, prediction_hash: `hash-${nth}` } } };
      };
      const day = String(json['claimed_at']).slice(0, 10).replaceAll('-', '');
      const recorded = async (nth: number): Promise<number> => {
        const stored = await world.storage.get('inference-logs', `series/${day}/results.jsonl`);
        return (
          Buffer.from(stored?.body ?? [])
            .toString()
            .split(`"hash-${nth}"`).length - 1
        );
      };
      const kills = await killAtEveryRequest(world, {
        stage: 'record',
        prepare: async (nth) => mskEvent('inference-results', lineOf(nth)),
        verify: async (nth) => expect(await recorded(nth)).toBe(1),
      });
      expect(kills).toBeGreaterThan(EVERY_REQUEST ? 1 : 0);
      const event = mskEvent('inference-results', lineOf(900));
      const both = await Promise.all([world.deliver('record', event), world.deliver('record', event)]);
      expect(both.map(({ result }) => result)).toEqual([NOTHING_FAILED, NOTHING_FAILED]);
      expect(await recorded(900)).toBe(1);
    },
  );
});
