import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { pauseAfterMs } from './continuation.ts';
import { LEASE_EXPIRES_MS } from './lease.ts';
import { createTrainer } from './testing/trainer.ts';

/** Five batches and a validation an epoch. */
const STEPS_AN_EPOCH = 6;
const trainReally = (): ReturnType<typeof createTrainer> =>
  createTrainer({ train: (...task) => createThreadlessPool().train(...task) });
type World = Awaited<ReturnType<typeof trainReally>>;

async function twoEpochs(): Promise<World & { two: TrainingClaim }> {
  const world = await trainReally();
  return { ...world, two: { ...world.claim, settings: { ...world.claim.settings, EPOCHS: 2 } } };
}

/** Delivers the claim, and what it is handed on as, until nothing is handed on. */
async function untilSuccess(world: World, claim: TrainingClaim): Promise<number> {
  let next = claim;
  for (let invocations = 1; invocations < 50; invocations += 1) {
    await world.trainInNoTime(next, { holder: `instance ${invocations}` });
    const last = world.continuations().at(-1);
    if (last === undefined || world.continuations().length < invocations) return invocations;
    next = last;
  }
  throw new Error('expected the training to end');
}

/** What a run leaves, without what depends on how long it took. */
async function resultOf({ tracking }: World): Promise<unknown> {
  const runs = tracking.runs();
  const [run] = runs;
  if (run === undefined) return runs;
  const artifacts: string[] = [];
  for (const path of ['GRU/weights.bin', 'GRU/model.json', 'scaler/scaler.json'])
    artifacts.push(Buffer.from((await tracking.getArtifact(run, path)) ?? []).toString('hex'));
  const points = tracking.history(run.runId).filter(({ key }) => key !== 'rows_per_second');
  const metrics = points.map(({ key, value, step }) => ({ key, value, step }));
  return { status: runs.map(({ status }) => status), params: run.params, artifacts, metrics };
}

let whole: unknown;
beforeAll(async () => {
  const world = await twoEpochs();
  await world.train(world.two);
  whole = await resultOf(world);
});

describe('a training that outlives its function', () => {
  it('comes to the bytes, parameters and metrics of one that is never interrupted', async () => {
    const world = await twoEpochs();
    const invocations = await untilSuccess(world, world.two);
    expect(invocations).toBe(2 * STEPS_AN_EPOCH);
    expect(await resultOf(world)).toEqual(whole);
    expect(world.messages().map(({ status }) => status)).toEqual(['RUNNING', 'SUCCESS']);
    expect(await world.status(world.two)).toMatchObject({ state: 'SUCCESS', reused: false });
  });

  it('hands its own claim on: same key, claim and correlation, a counter, and which trainer is meant', async () => {
    const world = await trainReally();
    await world.trainInNoTime(world.claim);
    await world.trainInNoTime(world.continuations()[0] ?? world.claim);
    const continued = { ...world.claim, produced_at: '2024-05-01T12:00:00.000Z' };
    expect(world.continuations()).toEqual([
      { ...continued, continuation: { model_type: 'GRU', count: 1 } },
      { ...continued, continuation: { model_type: 'GRU', count: 2 } },
    ]);
    const sent = world.publisher.sent.filter(({ topic }) => topic === 'training-data');
    expect(sent.map(({ key, headers }) => [key, headers])).toEqual(
      Array.from({ length: 2 }, () => ['load', { correlation_id: 'c-1' }]),
    );
  });

  it('is let pass by the trainers of other models', async () => {
    const world = await trainReally();
    await world.train({ ...world.claim, continuation: { model_type: 'LSTM', count: 1 } });
    expect([world.calls.train, world.tracking.runs(), world.publisher.sent]).toEqual([0, [], []]);
  });

  it('says how far it is, and keeps its run', async () => {
    const world = await twoEpochs();
    let next = world.two;
    for (let step = 0; step < STEPS_AN_EPOCH + 2; step += 1) {
      await world.trainInNoTime(next);
      next = world.continuations().at(-1) ?? next;
    }
    const [run] = world.tracking.runs();
    expect(world.tracking.runs()).toMatchObject([{ status: 'RUNNING' }]);
    expect(await world.status(world.two)).toMatchObject({ state: 'RUNNING', run_id: run?.runId, epoch: 1 });
    expect(world.log.lines.at(-1)).toMatchObject({ event: 'training_continues', count: 8 });
    expect(world.log.lines.at(-2)).toMatchObject({ event: 'training_resumed', epoch: 1, batch: 1 });
  });

  it('is not begun again by a record that comes after it was handed on', async () => {
    const world = await trainReally();
    await world.trainInNoTime(world.claim);
    const before = world.publisher.sent.length;
    await world.trainInNoTime(world.claim);
    expect([world.calls.train, world.publisher.sent.length]).toEqual([1, before]);
    await world.trainInNoTime({ ...world.claim, claim_id: 'of another upload' });
    expect(world.calls.train).toBe(2);
  });

  it('killed before it handed the claim on goes on from its checkpoint, with the same run', async () => {
    const world = await twoEpochs();
    const { publisher } = world;
    const publish: typeof publisher.publish = (topic, ...sent) =>
      topic === 'training-data' ? Promise.reject(new Error('killed')) : publisher.publish(topic, ...sent);
    const services = { ...world.services, publisher: { ...publisher, publish } };
    await expect(world.trainInNoTime(world.two, { services })).rejects.toThrow('killed');
    world.clock.now += LEASE_EXPIRES_MS + 1;
    await world.train(world.two);
    expect(await resultOf(world)).toEqual(whole);
  });

  it('whose run is gone begins a new one, with all that is known of it', async () => {
    const world = await twoEpochs();
    let next = world.two;
    for (let step = 0; step < STEPS_AN_EPOCH + 1; step += 1) {
      await world.trainInNoTime(next);
      next = world.continuations().at(-1) ?? next;
    }
    world.tracking.remove(world.tracking.runs()[0]?.runId ?? '');
    await world.train(next);
    expect(await resultOf(world)).toEqual(whole);
  });
});

describe('the checkpoint of a training', () => {
  const bucket = 'processed-data';

  it('is removed after SUCCESS, also where that was told before', async () => {
    const world = await trainReally();
    await untilSuccess(world, world.claim);
    expect(world.storage.keys()).not.toContain(`${bucket}/${world.checkpoint}`);
    await world.storage.put(bucket, world.checkpoint, 'left by one that was killed then');
    await world.train();
    expect(world.storage.keys()).not.toContain(`${bucket}/${world.checkpoint}`);
  });

  it('is removed where the training fails for good, and nothing is stored', async () => {
    const world = await trainReally();
    const hopeless = { ...world.claim, settings: { ...world.claim.settings, LEARNING_RATE: 1e30 } };
    await world.trainInNoTime(hopeless);
    const next = world.continuations()[0] ?? hopeless;
    await expect(world.train(next)).rejects.toMatchObject({
      code: 'loss_diverged',
      retryable: false,
      message: expect.stringMatching(
        /epoch 1 of 1, got (?:NaN|Infinity) after \d batches; the last finite loss was \d/u,
      ),
    });
    const [run] = world.tracking.runs();
    expect(run?.status).toBe('FAILED');
    expect(run && (await world.tracking.listArtifacts(run, ''))).toEqual([]);
    expect(world.storage.keys().filter((key) => key.includes('/checkpoints/'))).toEqual([]);
  });

  it('that is damaged is told of and not used: training begins anew', async () => {
    const world = await twoEpochs();
    await world.trainInNoTime(world.two);
    const [key = ''] = world.storage.keys().filter((name) => name.includes('/checkpoints/'));
    const path = key.slice(bucket.length + 1);
    const stored = await world.storage.get(bucket, path);
    const damaged = Buffer.from(stored?.body ?? []);
    damaged.writeUInt8((damaged.at(-100) ?? 0) ^ 1, damaged.length - 100);
    await world.storage.put(bucket, path, damaged);
    await world.train(world.continuations()[0]);
    expect(world.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { event: 'checkpoint_ignored', place: key, error: { code: 'checkpoint_invalid' } },
    ]);
    const [killed, finished] = world.tracking.runs();
    expect([killed?.status, finished?.status]).toEqual(['KILLED', 'FINISHED']);
  });

  it('of a rival is left alone: the older writer stops', async () => {
    const world = await trainReally();
    const put: typeof world.storage.put = async (...of) => {
      if (of[1] === world.checkpoint) await world.storage.put(bucket, world.checkpoint, 'a rival’s');
      return world.storage.put(...of);
    };
    const storage = { ...world.storage, put };
    await expect(world.train(world.claim, { ...world.services, storage })).rejects.toMatchObject({
      code: 'checkpoint_superseded',
      retryable: true,
      message: expect.stringContaining(world.checkpoint),
    });
    const left = await world.storage.get(bucket, world.checkpoint);
    expect(Buffer.from(left?.body ?? []).toString()).toBe('a rival’s');
    expect(world.messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('whose writing was answered too late counts as written', async () => {
    const world = await trainReally();
    const put: typeof world.storage.put = async (...of) => {
      const result = await world.storage.put(...of);
      return of[1] === world.checkpoint ? { written: false } : result;
    };
    await world.train(world.claim, { ...world.services, storage: { ...world.storage, put } });
    expect(world.messages().map(({ status }) => status)).toEqual(['RUNNING', 'SUCCESS']);
  });
});

it.each([
  [840_000, 825_000],
  [5_000, 3_750],
  [0, 0],
])('of %i ms that remain a function trains for %i', (remaining, trains) => {
  expect(pauseAfterMs(remaining)).toBe(trains);
});
