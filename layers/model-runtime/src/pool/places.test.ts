import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.ts';

describe('places', () => {
  it('are taken up to their number, then waited for in the order of the calls', async () => {
    const places = createPlaces(2, 5);
    const entered: number[] = [];
    const enter = (id: number) =>
      places.enter().then((leave) => {
        entered.push(id);
        return leave;
      });
    const waiting = [enter(1), enter(2), enter(3), enter(4)];
    const [first, second] = await Promise.all(waiting.slice(0, 2));
    expect([entered, places.load()]).toMatchObject([[1, 2], { queued: 2, active: 2 }]);
    second?.();
    await waiting[2];
    first?.();
    await waiting[3];
    expect([entered, places.load()]).toMatchObject([[1, 2, 3, 4], { queued: 0, active: 2 }]);
  });

  it('are left once, however often that is said', async () => {
    const places = createPlaces(1, 5);
    const leave = await places.enter();
    const next = [places.enter(), places.enter()];
    leave();
    leave();
    await next[0];
    expect(places.load()).toMatchObject({ queued: 1, active: 1 });
  });

  it('refuse whoever comes when as many wait as may', async () => {
    const places = createPlaces(1, 1);
    await places.enter();
    void places.enter();
    await expect(places.enter()).rejects.toMatchObject({ code: 'queue_full', retryable: true });
    expect(places.load()).toMatchObject({ queued: 1, active: 1 });
  });

  it('are waited for until the signal says otherwise', async () => {
    const places = createPlaces(1, 1);
    const leave = await places.enter();
    const giveUp = new AbortController();
    const waiting = places.enter(giveUp.signal);
    giveUp.abort('late');
    await expect(waiting).rejects.toBe('late');
    await expect(places.enter(AbortSignal.abort('too late'))).rejects.toBe('too late');
    expect(places.load()).toMatchObject({ queued: 0, active: 1 });
    leave();
    expect(places.load()).toMatchObject({ queued: 0, active: 0 });
  });
});
