import { beforeEach, describe, expect, it } from 'vitest';
import { announceClaim } from '../shared/status.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { pointAt } from '../shared/testing/promoted.ts';
import { BUCKETS } from '../shared/topics.ts';
import { createWorld, functionOver, IDENTIFIER } from './testing/world.ts';

const REMAINING_MS = 30_000;

describe('a request for an identifier', () => {
  let world: ReturnType<typeof createMemoryServices>;
  beforeEach(() => {
    world = createMemoryServices();
  });

  it('that nobody ever uploaded answers 404', async () => {
    const { status, json, headers } = await functionOver(world).predict({ identifier: 'nobody' });
    expect([status, json.error?.code, headers['retry-after']]).toEqual([
      404,
      'identifier_unknown',
      undefined,
    ]);
    expect(json.error?.message).toMatch(/"nobody"/u);
  });

  it.each([
    [
      'has a claim',
      () =>
        announceClaim(world.storage, {
          identifier: 'soon',
          claim_id: 'c',
          claimed_at: '2024-01-01T00:00:00Z',
        }),
    ],
    ['was uploaded this moment', () => world.storage.put(BUCKETS.dataset, 'soon.csv', 'time,load')],
  ])('that %s, but has no promotion, answers 503 and when to come back', async (_name, prepare) => {
    await prepare();
    const { status, json, headers } = await functionOver(world).predict({ identifier: 'soon' });
    expect([status, json.error?.code, headers['retry-after']]).toEqual([503, 'model_not_ready', '5']);
    expect(json.error?.message).toMatch(/\/status\/soon/u);
  });

  it('or for none, while nothing at all is promoted, answers 503', async () => {
    for (const body of [{}, { identifier: 'global' }]) {
      const { status, json, headers } = await functionOver(world).predict(body);
      expect([status, json.error?.code, headers['retry-after']]).toEqual([503, 'model_not_ready', '5']);
    }
  });
});

describe('a promoted run that is gone', () => {
  it('answers 503 and when to come back, with the reason, and is logged', async () => {
    const world = await createWorld('NAIVE');
    world.tracking.remove(world.runId);
    const { status, json, headers } = await functionOver(world).predict({ identifier: IDENTIFIER });
    expect([status, json.error?.code, headers['retry-after']]).toEqual([503, 'model_load_failed', '5']);
    expect(json.error?.message).toContain(world.runId);
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: 'promotion_model_load_fail_startup', code: 'model_load_failed' }),
    );
  });

  it('leaves the model in hand serving', async () => {
    const world = await createWorld('NAIVE');
    const { predict, call } = functionOver(world);
    await predict({ identifier: IDENTIFIER });
    await pointAt(world, world.training, { runId: 'f'.repeat(32), modelType: 'GRU' });
    await call({ method: 'POST', resource: '/reload_latest', query: { identifier: IDENTIFIER } });
    expect((await predict({ identifier: IDENTIFIER, inference_length: 2 })).json).toMatchObject({
      run_id: world.runId,
    });
  });
});

describe('WAIT_FOR_MODEL=1', () => {
  const settings = { WAIT_FOR_MODEL: true, MODEL_WAIT_TIMEOUT: 3, LOG_HTTP_PREDICTIONS: false };

  it('waits for the promotion', async () => {
    const world = await createWorld('NAIVE');
    const key = 'current.json';
    const pointer = await world.storage.get(BUCKETS.promotion, key);
    await world.storage.delete(BUCKETS.promotion, key);
    const started = world.clock.now;
    const pause = async (ms: number): Promise<void> => {
      world.clock.now += ms;
      if (world.clock.now - started >= 1500)
        await world.storage.put(BUCKETS.promotion, key, pointer?.body ?? '');
    };
    expect((await functionOver(world, { settings, pause }).predict({})).status).toBe(200);
    expect(world.clock.now - started).toBe(1500);
  });

  it.each([
    ['MODEL_WAIT_TIMEOUT', REMAINING_MS, 3000],
    ['the time of the invocation', 4500, 2500],
  ])('gives up after %s', async (_name, remainingMs, waited) => {
    const world = createMemoryServices();
    const started = world.clock.now;
    const pause = async (ms: number): Promise<void> => void (world.clock.now += ms);
    const { status } = await functionOver(world, { settings, pause, remainingMs }).predict({});
    expect([status, world.clock.now - started]).toEqual([503, waited]);
  });

  it('does not wait for an identifier that nobody uploaded', async () => {
    const { status } = await functionOver(createMemoryServices(), { settings }).predict({
      identifier: 'nobody',
    });
    expect(status).toBe(404);
  });
});
