/**
 * A place in shared memory where a fixed number of threads wait for each other, again and again. Waiting threads look for a
 * while, since meetings come some microseconds apart, and sleep only then.
 */
const ARRIVED = 0;
const ROUND = 1;
const BROKEN = 2;
export const MEETING_WORDS = 3;
const LOOKS = 20_000;
/** Shares are equal, so nobody comes much later than the first; one that does not has never started, or died. */
const MOST_MS = 60_000;

/** Returns once `members` threads have called it. @throws Error where one of them broke down */
export function meet(words: Int32Array, members: number): void {
  const round = Atomics.load(words, ROUND);
  if (Atomics.add(words, ARRIVED, 1) === members - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.add(words, ROUND, 1);
    Atomics.notify(words, ROUND);
  } else {
    let looks = 0;
    while (Atomics.load(words, ROUND) === round) {
      looks += 1;
      if (looks > LOOKS && Atomics.wait(words, ROUND, round, MOST_MS) === 'timed-out')
        throw new Error(`expected every thread of a training within ${MOST_MS} ms, one did not come`);
    }
  }
  if (Atomics.load(words, BROKEN) !== 0)
    throw new Error('expected every thread of a training to go on, one did not');
}

/** Wakes all who wait, and makes every meeting throw from now on. */
export function breakUp(words: Int32Array): void {
  Atomics.store(words, BROKEN, 1);
  Atomics.add(words, ROUND, 1);
  Atomics.notify(words, ROUND);
}
