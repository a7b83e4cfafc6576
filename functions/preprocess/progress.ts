import { setImmediate } from 'node:timers/promises';

/** What a file goes through, in this order. */
export const PHASES = ['read', 'lay', 'clean', 'derive', 'hash', 'report', 'write'] as const;
export type Phase = (typeof PHASES)[number];

/** How far a phase has come, from 0 to 1. */
export interface Progress {
  readonly phase: Phase;
  readonly share: number;
  /** Of the file, where it is being read. */
  readonly rows?: number;
}

export type Tell = (progress: Progress) => void;

/**
 * Work in small portions: it stops after each, so that whoever runs it may let others run, tell how far it has come, or give up.
 */
export type Work<T> = Generator<Progress, T>;

/** Does all of it at once. */
export function runWork<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Does it portion by portion, lets others run in between, and tells how far it has come. */
export async function inPortions<T>(work: Work<T>, tell: Tell): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    tell(value);
    await setImmediate();
  }
}
