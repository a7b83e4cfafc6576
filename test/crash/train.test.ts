import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingClaim } from '../../functions/shared/messages/schema.ts';
import { trainingKey, TRAINING_KEY_TAG } from '../../functions/shared/runs/training-key.ts';
import { EVERY_REQUEST, KILLING_MS, MOMENT } from '../support/crash-moments.ts';
import { mskEvent, startCrashWorld, type CrashWorld } from '../support/crash-world.ts';
import { processedClaim, trialOf } from '../support/processed.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';
import { killAtEveryRequest } from './every-request.ts';

const environment = { MODEL_TYPE: 'GRU' };

describe('train', () => {
  let world: CrashWorld;
  let claim: TrainingClaim;
  let outcomes: TopicTap;
  let claims: TopicTap;

  beforeAll(async () => {
    world = await startCrashWorld();
    claim = await processedClaim(world, 'series');
    outcomes = await tapTopic(world.kafka, 'model-training');
    claims = await tapTopic(world.kafka, 'training-data');
  });
  afterAll(async () => {
    await claims?.close();
    await outcomes?.close();
    await world?.close();
  });

  const keyOf = ({ identifier, config_hash: configHash, settings }: TrainingClaim): string =>
    trainingKey({ identifier, configHash, modelType: 'GRU', settings });

  async function runsOf(trial: TrainingClaim): Promise<{ finished: string[]; running: string[] }> {
    const key = keyOf(trial);
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

  /** What the trial was handed on as, in order; each is delivered with all the time in the world. */
  async function deliverContinuations(trial: TrainingClaim): Promise<void> {
    const [handedOn, ...more] = continuationsOf(trial);
    expect(more).toEqual([]);
    if (handedOn === undefined) return;
    const { result } = await world.deliver('train', mskEvent('training-data', handedOn), { environment });
    expect(result).toEqual({ batchItemFailures: [] });
  }

  const continuationsOf = (trial: TrainingClaim): Record<string, unknown>[] =>
    claims.records
      .map(({ json }) => json)
      .filter((json) => json['claim_id'] === trial.claim_id && json['continuation'] !== undefined);

  async function verifyOneRun(trial: TrainingClaim): Promise<void> {
    await outcomes.next(({ json }) => json['claim_id'] === trial.claim_id && json['status'] === 'SUCCESS');
    const { finished, running } = await runsOf(trial);
    expect(running).toEqual([]);
    expect(finished).toHaveLength(1);
    expect(new Set(successes(trial))).toEqual(new Set(finished));
    const checkpoints = `${trial.identifier}/${trial.config_hash}/checkpoints/`;
    for await (const { key } of world.storage.list('processed-data', checkpoints))
      expect(key).not.toContain(keyOf(trial));
  }

  // Its writes are those of the two trainings below.
  it.runIf(EVERY_REQUEST)(
    'killed at every request and delivered again ends with one finished run, and no run left running',
    { timeout: KILLING_MS },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'train',
        environment,
        prepare: async (nth) => mskEvent('training-data', trialOf(claim, 300 + nth)),
        verify: (nth) => verifyOneRun(trialOf(claim, 300 + nth)),
      });
      expect(kills).toBeGreaterThan(15);
    },
  );

  it(
    `without time, killed at every ${MOMENT} until it has handed its claim on, ends with one finished run`,
    { timeout: KILLING_MS },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'train',
        environment,
        isHurried: true,
        prepare: async (nth) => mskEvent('training-data', trialOf(claim, nth)),
        verify: async (nth) => {
          await deliverContinuations(trialOf(claim, nth));
          await verifyOneRun(trialOf(claim, nth));
        },
      });
      expect(kills).toBeGreaterThan(6);
    },
  );

  it(
    `killed at every ${MOMENT} of a training that goes on from its checkpoint ends with one finished run`,
    { timeout: KILLING_MS },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'train',
        environment,
        prepare: async (nth) => {
          const trial = trialOf(claim, 100 + nth);
          const event = mskEvent('training-data', trial);
          await world.deliver('train', event, { environment, isHurried: true });
          const handedOn = await claims.next(
            ({ json }) => json['claim_id'] === trial.claim_id && json['continuation'] !== undefined,
          );
          return mskEvent('training-data', handedOn.json);
        },
        verify: (nth) => verifyOneRun(trialOf(claim, 100 + nth)),
      });
      expect(kills).toBeGreaterThan(12);
    },
  );

  it(
    'with a limit of 5 s, invoked until SUCCESS, comes to the bytes of a training without a limit',
    { timeout: 120_000 },
    async () => {
      const long = { HIDDEN_SIZE: 48, EPOCHS: 120, EARLY_STOPPING: false };
      const trial = { ...claim, claim_id: 'limited', settings: { ...claim.settings, ...long } };
      const same = await processedClaim(world, 'other-series');
      const whole = { ...same, claim_id: 'unlimited', settings: trial.settings };
      const unlimited = world.deliver('train', mskEvent('training-data', whole), { environment });
      const { continuations, late } = await untilSuccess(trial);
      expect((await unlimited).result).toEqual({ batchItemFailures: [] });
      expect(continuations + late).toBeGreaterThan(0);
      const weights = await weightsOf(trial);
      expect(weights?.length).toBeGreaterThan(0);
      expect(weights).toEqual(await weightsOf(whole));
    },
  );

  /** Like the mapping and Lambda: killed past the limit, and delivered again where the record was not handled. */
  async function untilSuccess(trial: TrainingClaim): Promise<{ continuations: number; late: number }> {
    let next: unknown = trial;
    const ends = { continuations: 0, late: 0 };
    for (;;) {
      const event = mskEvent('training-data', next);
      const ended = await world.deliver('train', event, { environment, timeoutMs: 5000 });
      if (ended.result === undefined) {
        ends.late += 1;
        world.advance(31_000);
        continue;
      }
      expect(ended.result, ended.log).toEqual({ batchItemFailures: [] });
      const count = ends.continuations + 1;
      const handedOn = claims.next(
        ({ json }) => json['claim_id'] === trial.claim_id && Object(json['continuation'])['count'] === count,
      );
      const success = outcomes.next(
        ({ json }) => json['claim_id'] === trial.claim_id && json['status'] === 'SUCCESS',
      );
      const first = await Promise.race([handedOn, success]);
      if (first.json['status'] === 'SUCCESS') return ends;
      ends.continuations = count;
      next = first.json;
    }
  }

  async function weightsOf(trial: TrainingClaim): Promise<Buffer | undefined> {
    const [runId = ''] = (await runsOf(trial)).finished;
    const run = await world.tracking.getRun(runId);
    const bytes = run && (await world.tracking.getArtifact(run, 'GRU/weights.bin'));
    return bytes && Buffer.from(bytes);
  }

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
