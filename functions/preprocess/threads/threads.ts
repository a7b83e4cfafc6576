import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ColumnPlace } from '../columns/column-place.ts';
import type { TaskName } from './tasks.ts';

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
}

/** What it answers. */
export type Answer<T = unknown> = { readonly value: T } | { readonly error: unknown };

export interface Thread {
  /** One at a time, whose task gives a T. @throws what the task throws, its message at least */
  run<T>(order: Order): Promise<T>;
}

export interface Threads {
  readonly threads: readonly Thread[];
  /** Ends them. */
  close(): Promise<void>;
}

/** As many threads as there are processors for beside this one's, none on a machine with one. Each starts when it is first needed. */
export function createThreads(count = Math.min(MOST_THREADS, availableParallelism() - 1)): Threads {
  const threads = Array.from({ length: count }, () => {
    let worker: Worker | undefined;
    return {
      run: <T>(order: Order): Promise<T> => {
        worker ??= new Worker(createRequire(import.meta.url).resolve(WORKER), { resourceLimits: LIMITS });
        return ask(worker, order);
      },
      close: async (): Promise<void> => void (await worker?.terminate()),
    };
  });
  return {
    threads,
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

function ask<T>(worker: Worker, order: Order): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      worker.off('message', answered).off('error', failed).off('exit', ended);
      settled();
    };
    const answered = (answer: Answer<T>): void =>
      settle(() => ('error' in answer ? reject(answer.error) : resolve(answer.value)));
    const failed = (cause: Error): void => settle(() => reject(cause));
    const ended = (code: number): void =>
      settle(() => reject(new Error(`expected an answer of the thread, got its end with code ${code}`)));
    worker.on('message', answered).on('error', failed).on('exit', ended);
    worker.postMessage(order);
  });
}
