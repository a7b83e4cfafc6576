export interface Generator {
  /** The next number, in [0, 1). */
  readonly next: () => number;
  /** A generator with this seed goes on where this one is: 0 to 2^32 - 1. */
  readonly state: () => number;
}

/** Uniform numbers that follow from the seed alone: mulberry32 (Tommy Ettinger, public domain), integer arithmetic only. */
export function createGenerator(seed: number): Generator {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, state: () => state };
}

/** Numbers of a generator that nobody has to take up again. */
export function createRandom(seed: number): () => number {
  return createGenerator(seed).next;
}

/** Fisher and Yates' shuffle, in place. */
export function shuffle(order: Uint32Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
}
