import { beforeEach, describe, expect, it } from 'vitest';
import { hourlyCsv } from '../../preprocess/testing/stage.ts';
import { metaKey, pointerKey } from '../keys.ts';
import { finishedRun, pointAt, promotedWorld } from '../testing/promoted.ts';
import { BUCKETS } from '../topics.ts';
import { createServingModels } from './serving-models.ts';

const ID = 'load';
const GONE = 'f'.repeat(32);

describe('the served model', () => {
  let world: Awaited<ReturnType<typeof promotedWorld>>;
  let models: ReturnType<typeof createServingModels>;
  let outcomes: string[];
  beforeEach(async () => {
    world = await promotedWorld(ID, 'NAIVE', { csv: hourlyCsv(200) });
    outcomes = [];
    models = createServingModels(world.services, { onLoad: (outcome) => outcomes.push(outcome) });
  });

  const promote = async (modelType: 'MEAN_WINDOW'): Promise<string> => {
    const runId = await finishedRun(world.services, world.training, modelType);
    await pointAt(world, world.training, { runId, modelType });
    return runId;
  };
  const pointAtNothing = () => pointAt(world, world.training, { runId: GONE, modelType: 'GRU' });
  /** Models whose loading stops, once it has looked at the pointer, until it is let go on. */
  const heldLoads = () => {
    const make = () => {
      let [begin, open] = [(): void => {}, (): void => {}];
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const opened = new Promise<void>((resolve) => (open = resolve));
      return { begin, begun, open, opened };
    };
    let held = make();
    const getJson: typeof world.storage.getJson = async (bucket, key, schema) => {
      if (key === pointerKey(ID)) {
        held.begin();
        await held.opened;
      }
      return world.storage.getJson(bucket, key, schema);
    };
    models = createServingModels(
      { ...world.services, storage: { ...world.storage, getJson } },
      { onLoad: (outcome) => outcomes.push(outcome) },
    );
    return { begun: held.begun, open: held.open, again: () => (held = make()) };
  };
  const events = (): string[] => world.log.lines.map(({ event }) => event);

  it('is what the pointer names; global is the newest of all', async () => {
    expect(models.identifiers()).toEqual([]);
    const served = await models.current(ID);
    expect(served).toMatchObject({
      pointer: world.promoted,
      model: { runId: world.runId, modelType: 'NAIVE' },
      meta: { identifier: ID },
    });
    expect((await models.current('global'))?.pointer).toEqual(world.promoted);
    expect(models.identifiers()).toEqual([ID, 'global']);
    expect(models.inHand(ID)).toBe(served);
  });

  it('is looked up again after a second, and at once by reload', async () => {
    await models.current(ID);
    const second = await promote('MEAN_WINDOW');
    expect((await models.current(ID))?.model.runId).toBe(world.runId);
    world.clock.now += 1000;
    expect((await models.current(ID))?.model.runId).toBe(second);
    const third = await promote('MEAN_WINDOW');
    expect((await models.reload(ID))?.model.runId).toBe(third);
  });

  it('is loaded once for many who ask at the same time, and kept while the pointer stays', async () => {
    const all = await Promise.all([models.current(ID), models.current(ID), models.current(ID)]);
    world.clock.now += 5000;
    expect(new Set([...all, await models.current(ID)]).size).toBe(1);
    expect(outcomes).toEqual(['loaded']);
  });

  it('is waited for by all who ask while its first load is under way, and by nobody who has another in hand', async () => {
    const gate = heldLoads();
    const first = models.current(ID);
    await gate.begun;
    const behind = Array.from({ length: 12 }, () => models.current(ID));
    gate.open();
    const served = await first;
    expect(served?.model.runId).toBe(world.runId);
    expect(await Promise.all(behind)).toEqual(behind.map(() => served));
    expect(outcomes).toEqual(['loaded']);

    const next = gate.again();
    const second = await promote('MEAN_WINDOW');
    world.clock.now += 1000;
    const swapped = models.current(ID);
    await next.begun;
    expect((await models.current(ID))?.model.runId).toBe(world.runId);
    next.open();
    expect((await swapped)?.model.runId).toBe(second);
  });

  it('fails for all who wait for a first load that fails, which is tried once', async () => {
    await pointAtNothing();
    const gate = heldLoads();
    const first = models.current(ID);
    await gate.begun;
    const all = Promise.allSettled([first, models.current(ID), models.current(ID)]);
    gate.open();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(outcomes).toEqual(['failed']);
  });

  it('keeps the loaded files where a new promotion names the same run', async () => {
    const before = await models.current(ID);
    await world.storage.putJson(BUCKETS.promotion, pointerKey(ID), {
      ...world.promoted,
      promotion_id: 'again',
    });
    const after = await models.reload(ID);
    expect(after?.pointer.promotion_id).toBe('again');
    expect(after?.model).toBe(before?.model);
  });

  it('is none where nothing is promoted, or no longer, and then nothing is kept of the name', async () => {
    expect(await models.current('nobody')).toBeUndefined();
    await models.current(ID);
    await world.storage.delete(BUCKETS.promotion, pointerKey(ID));
    expect(await models.reload(ID)).toBeUndefined();
    expect(models.identifiers()).toEqual([]);
  });

  it('stays in hand where the next cannot be loaded, which is logged with place and run', async () => {
    await models.current(ID);
    await pointAtNothing();
    expect((await models.reload(ID))?.model.runId).toBe(world.runId);
    expect(world.log.lines.at(-1)).toMatchObject({
      level: 'error',
      event: 'promotion_model_load_fail',
      place: 'model-promotion/load/current.json',
      run_id: GONE,
      serving_run_id: world.runId,
      code: 'model_load_failed',
      attempts: 1,
      retry_in_s: 1,
    });
    expect(outcomes).toEqual(['loaded', 'failed']);
  });

  it('is tried again with back-off: after 1 s, 2 s, 4 s … at most a minute', async () => {
    await pointAtNothing();
    const failures: number[] = [];
    const started = world.clock.now;
    for (let second = 0; second <= 130; second += 1) {
      world.clock.now = started + second * 1000;
      const before = outcomes.length;
      await expect(models.current(ID)).rejects.toMatchObject({ code: 'model_load_failed' });
      if (outcomes.length > before) failures.push(second);
    }
    expect(failures).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
    expect(new Set(events().filter((event) => event.startsWith('promotion')))).toEqual(
      new Set(['promotion_model_load_fail_startup']),
    );
  });

  it('is tried at once where the pointer has changed since the failure, or by reload', async () => {
    await pointAtNothing();
    await expect(models.current(ID)).rejects.toThrow(GONE);
    await expect(models.reload(ID)).rejects.toThrow(GONE);
    expect(outcomes).toEqual(['failed', 'failed']);
    await promote('MEAN_WINDOW');
    world.clock.now += 1000;
    expect((await models.current(ID))?.model.modelType).toBe('MEAN_WINDOW');
  });

  it('needs the dataset it was trained on', async () => {
    await world.storage.delete(BUCKETS.processed, metaKey(ID, world.training.config_hash));
    await expect(models.current(ID)).rejects.toMatchObject({ code: 'object_not_found' });
  });

  it('serves on while storage is down, which is asked once a second', async () => {
    let heads = 0;
    let down = false;
    const head: typeof world.storage.head = (bucket, key) => {
      heads += 1;
      return down ? Promise.reject(new Error('no storage')) : world.storage.head(bucket, key);
    };
    models = createServingModels({ ...world.services, storage: { ...world.storage, head } });
    await models.current(ID);
    down = true;
    world.clock.now += 1000;
    expect((await models.current(ID))?.model.runId).toBe(world.runId);
    expect((await models.current(ID))?.model.runId).toBe(world.runId);
    expect(heads).toBe(2);
    expect(world.log.lines.at(-1)).toMatchObject({ event: 'pointer_check_failed', message: 'no storage' });
    await expect(models.current('other')).rejects.toThrow('no storage');
  });
});
