import { describe, expect, it } from 'vitest';
import { deferred } from '../backoff.ts';
import { FunctionPool } from './function-pool.ts';
import { WorkerSlot } from './worker-slot.ts';

interface Scene {
  readonly pool: FunctionPool;
  readonly created: () => number;
  readonly cleaned: () => number;
}

/** A pool whose slots answer with `run`, which stands in for the shim. */
function scene(run: (event: unknown, slot: number) => Promise<unknown>, reservedConcurrency?: number): Scene {
  let created = 0;
  let cleaned = 0;
  const createSlot = (): WorkerSlot => {
    const number = (created += 1);
    let event: unknown;
    return new WorkerSlot('f', 1000, {
      create: () => {},
      get: () => ({ setEvent: (given) => (event = given), runHandler: () => run(event, number) }),
      cleanup: () => Promise.resolve(void (cleaned += 1)),
    });
  };
  const onError = (error: unknown): never => {
    throw error;
  };
  const pool = new FunctionPool({ createSlot, reservedConcurrency, idleMs: 60_000, onError });
  return { pool, created: () => created, cleaned: () => cleaned };
}

const ok = (result: unknown) => ({ ok: true, result });
const failure = (recycle: boolean, stale = false) => ({
  ok: false,
  error: { name: 'TypeError', code: 'E', message: 'no', retryable: false },
  recycle,
  stale,
});

describe('FunctionPool', () => {
  it('uses one environment again and again for invokes in turn', async () => {
    const { pool, created } = scene((event) => Promise.resolve(ok(event)));
    expect(await pool.invoke(1)).toBe(1);
    expect(await pool.invoke(2)).toBe(2);
    expect(created()).toBe(1);
    await pool.dispose();
  });

  it('takes an environment for each invoke that runs at the same time', async () => {
    const finish = deferred<unknown>();
    const { pool, created, cleaned } = scene(() => finish.promise);
    const invokes = [pool.invoke(1), pool.invoke(2)];
    await new Promise(setImmediate);
    expect(created()).toBe(2);
    finish.resolve(ok('both'));
    expect(await Promise.all(invokes)).toEqual(['both', 'both']);
    await pool.dispose();
    expect(cleaned()).toBe(2);
  });

  it('runs no more at a time than the reserved concurrency', async () => {
    const finish = deferred<unknown>();
    const { pool, created } = scene(() => finish.promise, 1);
    const invokes = [pool.invoke(1), pool.invoke(2)];
    await new Promise(setImmediate);
    expect(created()).toBe(1);
    finish.resolve(ok(null));
    await Promise.all(invokes);
    await pool.dispose();
  });

  it('throws what the handler threw, with its name, code and retryable, and keeps the environment', async () => {
    const { pool, created } = scene((event) => Promise.resolve(event === 1 ? failure(false) : ok(event)));
    await expect(pool.invoke(1)).rejects.toMatchObject({ name: 'TypeError', code: 'E', retryable: false });
    await pool.invoke(2);
    expect(created()).toBe(1);
    await pool.dispose();
  });

  it('ends an environment that broke', async () => {
    const { pool, created, cleaned } = scene((_, slot) =>
      Promise.resolve(slot === 1 ? failure(true) : ok(slot)),
    );
    await expect(pool.invoke(1)).rejects.toThrow('no');
    expect(await pool.invoke(2)).toBe(2);
    expect([created(), cleaned()]).toEqual([2, 1]);
    await pool.dispose();
  });

  it('invokes elsewhere when the environment was broken before', async () => {
    const { pool } = scene((_, slot) => Promise.resolve(slot === 1 ? failure(true, true) : ok(slot)));
    expect(await pool.invoke(1)).toBe(2);
    await pool.dispose();
  });

  it('loads changed code: idle environments end at once, busy ones after their invoke', async () => {
    const finish = deferred<unknown>();
    const { pool, created, cleaned } = scene((event) =>
      event === 'busy' ? finish.promise : Promise.resolve(ok(1)),
    );
    const busy = pool.invoke('busy');
    await pool.invoke('idle');
    await pool.recycle();
    expect(cleaned()).toBe(1);
    finish.resolve(ok('late'));
    expect(await busy).toBe('late');
    expect(cleaned()).toBe(2);
    await pool.invoke('again');
    expect(created()).toBe(3);
    await pool.dispose();
  });

  it('fails running invokes when it is disposed of', async () => {
    const { pool } = scene(() => new Promise(() => {}));
    const invoke = pool.invoke(1);
    const outcome = invoke.catch((error: unknown) => error);
    await new Promise(setImmediate);
    await pool.dispose();
    expect(await outcome).toMatchObject({ code: 'STOPPED' });
  });
});
