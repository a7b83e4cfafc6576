import { RuntimeError } from '@flts/model-runtime';
import { describe, expect, it, vi } from 'vitest';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { LEASE_EXPIRES_MS, LEASE_RENEW_MS } from './lease.ts';
import { createTrainer } from './testing/trainer.ts';

describe('trainers of the same key', () => {
  it('give way to a living one, and come again', async () => {
    const { train: run, rival, tracking, messages } = await createTrainer();
    await rival();
    await expect(run()).rejects.toMatchObject({ code: 'lease_held', retryable: true });
    expect([tracking.runs(), messages()]).toEqual([[], []]);
  });

  it('mark what a dead one left as KILLED, and nothing of other keys', async () => {
    const { train: run, left, run: runOf, tracking, clock, rival } = await createTrainer();
    await rival();
    clock.now += LEASE_EXPIRES_MS + 1;
    const dead = await left('RUNNING', 1000, false);
    const experimentId = await tracking.experimentId('load');
    const tags = { 'flts.training_key': 'other' };
    const other = await tracking.createRun({ experimentId, runName: 'GRU', startTime: 0, tags });
    await run();
    expect([runOf(dead)?.status, runOf(other.runId)?.status]).toEqual(['KILLED', 'RUNNING']);
    expect(tracking.runs().at(-1)).toMatchObject({ status: 'FINISHED' });
  });

  it('stop when a rival has taken over, and publish nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let stopped: unknown;
      const world = await createTrainer({
        train: async (_task, { signal } = {}) => {
          world.clock.now += LEASE_EXPIRES_MS + 1;
          await world.rival();
          await vi.advanceTimersByTimeAsync(LEASE_RENEW_MS);
          stopped = signal?.aborted;
          throw new RuntimeError('task_cancelled', 'cancelled', { retryable: true });
        },
      });
      await expect(world.train()).rejects.toMatchObject({ code: 'lease_lost', retryable: true });
      expect(stopped).toBe(true);
      expect(world.messages().map(({ status }) => status)).toEqual(['RUNNING']);
      expect(world.tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keep their lease alive while a trained model is scored and stored', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const rivals: unknown[] = [];
      const threadless = createThreadlessPool();
      const world = await createTrainer({
        backtest: async (task) => {
          for (let passed = 0; passed <= LEASE_EXPIRES_MS; passed += LEASE_RENEW_MS) {
            world.clock.now += LEASE_RENEW_MS;
            await vi.advanceTimersByTimeAsync(LEASE_RENEW_MS);
          }
          rivals.push(await world.rival().catch((cause: unknown) => cause));
          return threadless.backtest(task);
        },
      });
      await world.train();
      const held = expect.objectContaining({
        code: 'lease_held',
        message: expect.stringContaining('held by us'),
      });
      expect(rivals).toEqual([held, held]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('do not finish a run whose lease went while it was stored', async () => {
    const { claim, services, clock, rival, train: run, tracking, messages } = await createTrainer();
    const putArtifact: typeof tracking.putArtifact = async (...put) => {
      await tracking.putArtifact(...put);
      if (put[1] !== 'manifest.json') return;
      clock.now += LEASE_EXPIRES_MS + 1;
      await rival();
    };
    const stored = run(claim, { ...services, tracking: { ...tracking, putArtifact } });
    await expect(stored).rejects.toMatchObject({ code: 'lease_lost', retryable: true });
    expect(tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    expect(messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });
});
