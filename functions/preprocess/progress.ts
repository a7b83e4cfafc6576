import { setImmediate } from 'node:timers/promises';

/** What a file goes through, in this order, and about which share of the time each takes. */
const PHASES = { read: 0.35, lay: 0.12, clean: 0.1, derive: 0.13, hash: 0.08, report: 0.1, write: 0.12 };
export type Phase = keyof typeof PHASES;

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

/** How far all phases together have come, from 0 to 1, where one has come to `share`. */
export function overallShare({ phase, share }: Pick<Progress, 'phase' | 'share'>): number {
  let before = 0;
  for (const [name, weight] of Object.entries(PHASES)) {
    if (name === phase) return before + weight * share;
    before += weight;
  }
  return before;
}

export interface Figures {
  /** Of the work, from 0 to 1. */
  readonly share: number;
  /** Of the file, through all phases; 0 where nothing is known yet. */
  readonly rows_per_second: number;
  readonly eta_s: number;
}

/** Follows what is told, and reckons speed and remaining time since it was made. */
export function createFigures(now: () => number): (progress: Progress) => Figures {
  const started = now();
  let total = 0;
  return (progress) => {
    if (progress.rows !== undefined && progress.share > 0) total = progress.rows / progress.share;
    const share = overallShare(progress);
    const seconds = Math.max(0.001, (now() - started) / 1000);
    return {
      share: rounded(share),
      rows_per_second: Math.round((total * share) / seconds),
      eta_s: share === 0 ? 0 : rounded((seconds * (1 - share)) / share),
    };
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
