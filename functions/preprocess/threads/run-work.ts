import { setImmediate } from 'node:timers/promises';
import type { ColumnPlace } from '../columns/column-place.ts';
import type { Call, Jobs, Progress, Tell, Work } from '../progress.ts';
import { doTask } from './tasks.ts';
import type { Thread } from './threads.ts';

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

async function doJobs(jobs: Jobs, tell: Tell, { threads, leavesJobs = false }: Helpers): Promise<void> {
  const { task, calls, meanwhile, progress, results } = jobs;
  let [next, done] = [0, 0];
  const places = calls.map(({ columns }) => placesOf(columns));
  const doAll = async (doOne: (call: Call, index: number) => Promise<unknown>): Promise<void> => {
    try {
      while (next < calls.length) {
        const index = next;
        next += 1;
        const call = calls[index];
        if (call !== undefined) results[index] = await doOne(call, index);
        done += 1;
        tell(progress(done));
      }
    } catch (thrown) {
      // Nobody begins another one.
      next = calls.length;
      throw thrown;
    }
  };
  const others = places.includes(undefined) ? [] : threads;
  const doing = others.map((thread) =>
    doAll(({ input }, index) => thread.run({ task, places: places[index] ?? {}, input })),
  );
  const own = async (): Promise<void> => {
    // How far that has come is not told: the jobs are what is waited for.
    if (meanwhile !== undefined) await inPortions(meanwhile, () => {});
    if (leavesJobs && others.length > 0) return;
    await doAll(async ({ columns, input }) => {
      await setImmediate();
      return doTask(task, columns, input);
    });
  };
  const outcomes = await Promise.allSettled([own(), ...doing]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
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
