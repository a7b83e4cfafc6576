import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ColumnPlace } from '../columns/column-place.ts';
import type { TaskName } from './tasks.ts';
import type { Turn } from './turns.ts';

/** More of them would wait for the disk, and for the thread that they work for. */
const MOST_THREADS = 3;
/** Numbers lie outside the heap, and what is in it is gone with the next piece. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };
/** Built from column-worker.ts; package.json says where it is, seen from the sources and from what is built of them alike. */
const WORKER = '#preprocess-column-worker';

/** What a thread is sent: a task, the columns it is about, and the rest of what it needs. */
export interface Order {
  readonly task: TaskName;
  readonly places: Readonly<Record<string, ColumnPlace>>;
  readonly input: unknown;
  /** Where others may do it as well: whoever takes the turn does. */
  readonly turn?: Turn;
}

/** What it answers; a value of undefined where the turn was another's. */
export type Answer<T = unknown> = { readonly value: T } | { readonly error: unknown };

export interface Thread {
  /**
   * Orders are done in the order in which they are given; the task of this one gives a T. More of them may wait, so that the thread
   * need not wait for this one in between. @throws what the task throws, its message at least
   */
  run<T>(order: Order): Promise<T>;
}

export interface Threads {
  readonly threads: readonly Thread[];
  /** Ends them. */
  close(): Promise<void>;
}

/** As many threads as there are processors for beside this one's, none on a machine with one. Each starts when it is first needed. */
export function createThreads(count = Math.min(MOST_THREADS, availableParallelism() - 1)): Threads {
  const threads = Array.from({ length: count }, createThread);
  return {
    threads,
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

interface Waiting {
  readonly answered: (answer: Answer<never>) => void;
  readonly failed: (cause: Error) => void;
}

function createThread(): Thread & { readonly close: () => Promise<void> } {
  let worker: Worker | undefined;
  let waiting: Waiting[] = [];
  const fail = (cause: Error): void => {
    const all = waiting;
    waiting = [];
    for (const { failed } of all) failed(cause);
  };
  const start = (): Worker =>
    new Worker(createRequire(import.meta.url).resolve(WORKER), { resourceLimits: LIMITS })
      .on('message', (answer: Answer<never>) => waiting.shift()?.answered(answer))
      .on('error', fail)
      .on('exit', (code) => {
        worker = undefined;
        fail(new Error(`expected an answer of the thread, got its end with code ${code}`));
      });
  return {
    run: <T>(order: Order): Promise<T> =>
      new Promise((resolve, reject) => {
        waiting.push({
          answered: (answer) => ('error' in answer ? reject(answer.error) : resolve(answer.value)),
          failed: reject,
        });
        worker ??= start();
        worker.postMessage(order);
      }),
    close: async (): Promise<void> => void (await worker?.terminate()),
  };
}
