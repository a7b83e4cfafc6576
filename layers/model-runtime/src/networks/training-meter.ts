/** How fast windows go by. Times are milliseconds of a clock that only goes forward. */
export interface Meter {
  /** A batch of so many training windows is done. */
  add(windows: number): void;
  /** Training windows a second since the epoch began, or was taken up. */
  rowsPerSecond(): number;
  /** Seconds that so many windows will take, at the speed since the meter was made. */
  secondsFor(windows: number): number;
  nextEpoch(): void;
  /** Whether a second has passed since it last said so. */
  isTimeToTell(): boolean;
}

const TELL_EVERY_MS = 1000;

export function createMeter(now: () => number = () => performance.now()): Meter {
  const startedAt = now();
  let all = 0;
  let epoch = { startedAt, windows: 0 };
  let toldAt = startedAt;
  return {
    add: (windows) => {
      all += windows;
      epoch.windows += windows;
    },
    rowsPerSecond: () => (1000 * epoch.windows) / Math.max(1, now() - epoch.startedAt),
    secondsFor: (windows) => (all === 0 ? 0 : ((now() - startedAt) / 1000 / all) * windows),
    nextEpoch: () => {
      epoch = { startedAt: now(), windows: 0 };
    },
    isTimeToTell: () => {
      if (now() - toldAt < TELL_EVERY_MS) return false;
      toldAt = now();
      return true;
    },
  };
}
