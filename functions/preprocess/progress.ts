import type { ColumnsByName } from './columns/column.ts';
import type { TaskInput, TaskName, TaskOutput } from './threads/tasks.ts';

/** What a file goes through, in this order, and about which share of the time each takes. */
const PHASES = { read: 0.35, lay: 0.12, clean: 0.1, derive: 0.16, write: 0.27 };
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
 * Where it stops with jobs, it goes on once they are done (runWork and inPortions do them).
 */
export type Work<T> = Generator<Progress | Jobs, T>;

/** Jobs that any thread can do, in any order. */
export interface Jobs {
  readonly task: TaskName;
  readonly calls: readonly Call[];
  /** What the thread that has them done does in the meantime, as far as it comes. */
  readonly meanwhile: Work<unknown> | undefined;
  /** How far the work has come where so many are done. */
  readonly progress: (done: number) => Progress;
  /** One a call, put there by whoever does them. */
  readonly results: unknown[];
}

/** What a task is given. */
export interface Call<Input = unknown> {
  readonly columns: ColumnsByName;
  readonly input: Input;
}

export interface Parallel {
  readonly phase: Phase;
  /** The shares of the phase before and after the jobs. */
  readonly from: number;
  readonly to: number;
  /** Done beside the jobs, as far as there is time: whoever gives it may give it to other jobs as well, and sees to the rest. */
  readonly meanwhile?: Work<unknown> | undefined;
}

/** Has one task done for several columns, in as many threads as there are; results are in the order of calls. */
export function* inParallel<Name extends TaskName>(
  task: Name,
  calls: readonly Call<TaskInput<Name>>[],
  { phase, from, to, meanwhile }: Parallel,
): Work<TaskOutput<Name>[]> {
  const results: TaskOutput<Name>[] = [];
  const progress = (done: number): Progress => ({ phase, share: from + ((to - from) * done) / calls.length });
  yield { task, calls, meanwhile, progress, results };
  return results;
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
