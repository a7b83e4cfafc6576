import { setImmediate } from 'node:timers/promises';
import type { ColumnPlace } from '../columns/column-place.ts';
import type { Call, Jobs, Progress, Tell, Work } from '../progress.ts';
import { doTask } from './tasks.ts';
import type { Thread } from './threads.ts';
import { createTurns, giveUp, isOurs, takeTurn, type Turn } from './turns.ts';

/** Does all of it at once, in this thread. */
export function runWork<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (!isJobs(value)) continue;
    const { task, calls, meanwhile, results } = value;
    if (meanwhile !== undefined) runWork(meanwhile);
    results.push(...calls.map(({ columns, input }) => doTask(task, columns, input)));
  }
}

export interface Helpers {
  /** Other threads that do jobs. */
  readonly threads: readonly Thread[];
  /** Whether this thread leaves the jobs to them, where there are any, since it has something else to see to. */
  readonly leavesJobs?: boolean;
}

/**
 * Does it portion by portion, lets others run in between, and tells how far it has come. Jobs are done by `threads` and by this
 * one. @throws what the work or a job throws, once no thread is at it any more
 */
export async function inPortions<T>(
  work: Work<T>,
  tell: Tell,
  helpers: Helpers = { threads: [] },
): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (isJobs(value)) await doJobs(value, tell, helpers);
    else {
      tell(value);
      await setImmediate();
    }
  }
}

function isJobs(value: Progress | Jobs): value is Jobs {
  return 'calls' in value;
}

/** This thread among those that take turns; the others come after it. */
const OWN = 1;

/**
 * All threads are sent all jobs at once, and whoever is free takes the next one: none waits until this one, which may be at a job of
 * its own, hands it another.
 */
async function doJobs(jobs: Jobs, tell: Tell, { threads, leavesJobs = false }: Helpers): Promise<void> {
  const { task, calls, meanwhile, progress, results } = jobs;
  const turns = createTurns(calls.length);
  let done = 0;
  const doOne = async (turn: Turn, work: () => Promise<unknown>): Promise<void> => {
    try {
      const result = await work();
      if (!isOurs(turn)) return;
      results[turn.index] = result;
      done += 1;
      tell(progress(done));
    } catch (thrown) {
      giveUp(turns);
      throw thrown;
    }
  };
  const places = calls.map(({ columns }) => placesOf(columns));
  const others = places.includes(undefined) ? [] : threads;
  const doing = others.flatMap((thread, other) =>
    calls.map(({ input }, index) => {
      const turn = { turns, index, who: OWN + 1 + other };
      return doOne(turn, () => thread.run({ task, places: places[index] ?? {}, input, turn }));
    }),
  );
  const own = async (): Promise<void> => {
    const isOver = (): boolean => others.length > 0 && done === calls.length;
    if (meanwhile !== undefined) await doMeanwhile(meanwhile, isOver);
    if (leavesJobs && others.length > 0) return;
    for (const [index, { columns, input }] of calls.entries()) {
      const turn = { turns, index, who: OWN };
      if (!takeTurn(turn)) continue;
      await setImmediate();
      await doOne(turn, async () => doTask(task, columns, input));
    }
  };
  const outcomes = await Promise.allSettled([own(), ...doing]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/**
 * Stops where the jobs are over, so that the next ones need not wait for it. How far it has come is not told: the jobs are what is
 * waited for.
 */
async function doMeanwhile(work: Work<unknown>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { done, value } = work.next();
    if (done === true) return;
    if (isJobs(value)) await doJobs(value, () => {}, { threads: [] });
    else await setImmediate();
  }
}

/** Undefined where one of them is not on disk. */
function placesOf(columns: Call['columns']): Record<string, ColumnPlace> | undefined {
  const places: Record<string, ColumnPlace> = {};
  for (const [name, column] of Object.entries(columns)) {
    const place = column.place?.();
    if (place === undefined) return undefined;
    places[name] = place;
  }
  return places;
}
