import { describe, expect, it, vi } from 'vitest';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import { LEASE_EXPIRES_MS, LEASE_RENEW_MS, takeLease } from './lease.ts';

const of = (holder: string) => ({ identifier: 'mine', configHash: 'config', trainingKey: 'key', holder });

describe('a lease', () => {
  it('keeps a second trainer away while it is alive, and says who holds it', async () => {
    const storage = createMemoryStorage(() => 0);
    await takeLease(storage, of('first'));
    await expect(takeLease(storage, of('second'))).rejects.toMatchObject({
      code: 'lease_held',
      retryable: true,
      message: expect.stringContaining('first'),
    });
  });

  it('may be taken over once nobody renewed it for 30 s of the server clock', async () => {
    let now = 0;
    const storage = createMemoryStorage(() => now);
    const first = await takeLease(storage, of('first'));
    now = LEASE_EXPIRES_MS + 1;
    await takeLease(storage, of('second'));
    await expect(first.renew('run')).rejects.toMatchObject({ code: 'lease_lost', retryable: true });
  });

  it('is not expired at exactly 30 s', async () => {
    let now = 0;
    const storage = createMemoryStorage(() => now);
    await takeLease(storage, of('first'));
    now = LEASE_EXPIRES_MS;
    await expect(takeLease(storage, of('second'))).rejects.toMatchObject({ code: 'lease_held' });
  });

  it('lives on through renewals', async () => {
    let now = 0;
    const storage = createMemoryStorage(() => now);
    const first = await takeLease(storage, of('first'));
    now = 20_000;
    await first.renew('run');
    now = 40_000;
    await expect(takeLease(storage, of('second'))).rejects.toMatchObject({ code: 'lease_held' });
  });

  it('is kept where a renewal was stored and its answer lost', async () => {
    const storage = createMemoryStorage(() => 0);
    const first = await takeLease(storage, of('first'));
    const working = { ...storage };
    storage.putJson = async (...write) => {
      await working.putJson(...write);
      storage.putJson = (...next) => working.putJson(...next);
      return working.putJson(...write);
    };
    await first.renew('run');
    await first.renew('run');
    await expect(takeLease(storage, of('second'))).rejects.toMatchObject({ code: 'lease_held' });
  });

  it('is given to one of many who take over at once', async () => {
    let now = 0;
    const storage = createMemoryStorage(() => now);
    await takeLease(storage, of('dead'));
    now = LEASE_EXPIRES_MS + 1;
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => takeLease(storage, of(`rival-${index}`))),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('tells its holder when a rival took it', async () => {
    vi.useFakeTimers();
    try {
      let now = 0;
      const storage = createMemoryStorage(() => now);
      const first = await takeLease(storage, of('first'));
      const lost = vi.fn<(cause: unknown) => void>();
      const keeper = first.keep('run', lost);
      now = LEASE_EXPIRES_MS + 1;
      await takeLease(storage, of('second'));
      await vi.advanceTimersByTimeAsync(LEASE_RENEW_MS);
      expect(lost).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'lease_lost' }));
      await keeper.stop();
    } finally {
      vi.useRealTimers();
    }
  });
});
