import { describe, expect, it } from 'vitest';
import { backoffMs, settledWithin, wait } from './backoff.ts';

const settings = { initialMs: 500, maxMs: 30_000 };

describe('backoffMs', () => {
  it('doubles from the initial wait and stops at the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backoffMs(settings, failures, () => 0.5));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads by ten percent either way', () => {
    expect(backoffMs(settings, 1, () => 0)).toBe(450);
    expect(backoffMs(settings, 1, () => 1)).toBe(550);
  });
});

describe('wait', () => {
  it('ends with its signal', async () => {
    const abort = new AbortController();
    const waiting = wait(60_000, abort.signal);
    abort.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(wait(60_000, abort.signal)).resolves.toBeUndefined();
  });
});

describe('settledWithin', () => {
  it('tells a promise that settled, either way, from one that did not', async () => {
    expect(await settledWithin(Promise.resolve(), 60_000)).toBe(true);
    expect(await settledWithin(Promise.reject(new Error('no')), 60_000)).toBe(true);
    expect(await settledWithin(new Promise(() => {}), 1)).toBe(false);
  });
});
