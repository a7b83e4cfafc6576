/** What each of several jobs says of itself, in memory that threads share: whose it is. */
export type Turns = Int32Array<SharedArrayBuffer>;

/** One of them, and who asks for it: a number from 1. */
export interface Turn {
  readonly turns: Turns;
  readonly index: number;
  readonly who: number;
}

const NOBODY = 0;
const GIVEN_UP = -1;

export function createTurns(count: number): Turns {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** Whether nobody has taken the turn before. */
export function takeTurn({ turns, index, who }: Turn): boolean {
  return Atomics.compareExchange(turns, index, NOBODY, who) === NOBODY;
}

export function isOurs({ turns, index, who }: Turn): boolean {
  return Atomics.load(turns, index) === who;
}

/** Takes those that are left, so that nobody begins another. */
export function giveUp(turns: Turns): void {
  for (let index = 0; index < turns.length; index += 1) takeTurn({ turns, index, who: GIVEN_UP });
}
