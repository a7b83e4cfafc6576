import { RuntimeError } from '../errors.ts';

export interface PlacesLoad {
  readonly queued: number;
  readonly active: number;
  /** Mean time from asking to entering, of all that entered; 0 where none did. */
  readonly averageWaitMs: number;
}

export interface Places {
  /**
   * Resolves in the order of the calls, as soon as a place is free; call what it resolves with to leave.
   * @throws RuntimeError queue_full, at once; what `signal` is aborted with
   */
  enter(signal?: AbortSignal): Promise<() => void>;
  load(): PlacesLoad;
}

/** `places` that can be taken at a time, and how many may wait for one. */
export function createPlaces(places: number, maxQueue: number): Places {
  /** Who comes next; each call hands a place over. */
  const waiting = new Set<() => void>();
  let active = 0;
  const waits = { count: 0, ms: 0 };

  const leaveOnce = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      active -= 1;
      const [next] = waiting;
      next?.();
    };
  };

  const entered = (since: number): (() => void) => {
    active += 1;
    waits.count += 1;
    waits.ms += performance.now() - since;
    return leaveOnce();
  };

  return {
    enter: (signal) => {
      const since = performance.now();
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (active < places) return Promise.resolve(entered(since));
      if (waiting.size >= maxQueue)
        return Promise.reject(
          new RuntimeError('queue_full', `expected at most ${maxQueue} waiting tasks, got one more`, {
            retryable: true,
          }),
        );
      return new Promise((resolve, reject) => {
        const giveUp = (): void => {
          waiting.delete(next);
          reject(signal?.reason);
        };
        const next = (): void => {
          waiting.delete(next);
          signal?.removeEventListener('abort', giveUp);
          resolve(entered(since));
        };
        waiting.add(next);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
    },
    load: () => ({
      queued: waiting.size,
      active,
      averageWaitMs: waits.count === 0 ? 0 : waits.ms / waits.count,
    }),
  };
}
