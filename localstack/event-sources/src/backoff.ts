// Waiting between attempts: doubling, capped, with jitter, and ended early by a signal.

export interface BackoffSettings {
  /** Milliseconds before the second attempt. Minimum 1. */
  readonly initialMs: number;
  /** No wait is longer than this many milliseconds, jitter aside. */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: BackoffSettings = { initialMs: 500, maxMs: 30_000 };

const JITTER = 0.1;

/**
 * Milliseconds to wait after the `failures`th failure in a row (1 or more): `initialMs` doubled each time, at most
 * `maxMs`, spread by ten percent either way.
 */
export function backoffMs(
  settings: BackoffSettings,
  failures: number,
  random: () => number = Math.random,
): number {
  const doubled = settings.initialMs * 2 ** Math.min(failures - 1, 30);
  const spread = 1 - JITTER + 2 * JITTER * random();
  return Math.round(Math.min(doubled, settings.maxMs) * spread);
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Resolves to true when the promise settled within `ms` milliseconds; never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const stop = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([settled, wait(ms, stop.signal).then(() => false)]);
  stop.abort();
  return result;
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
