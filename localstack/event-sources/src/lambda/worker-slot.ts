// One execution environment: a worker thread of serverless-offline that runs one invoke at a time.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Worker } from 'node:worker_threads';
import { deferred, type Deferred } from '../backoff.ts';
import { EventSourceError, FunctionError } from '../errors.ts';
import { shimAnswerSchema } from '../shim/answer.ts';
import type { OfflineLambda } from './offline-lambda.ts';

const creating = new AsyncLocalStorage<WorkerSlot>();
let listens = false;

/** A worker that dies (out of memory, say) emits an error that would end this process if nobody listened. */
function adoptWorkers(): void {
  if (listens) return;
  listens = true;
  process.on('worker', (worker) => creating.getStore()?.adopt(worker));
}

/** `stale`: the worker was broken before the invoke, which therefore did not happen. */
export type SlotAnswer = { readonly stale: true } | { readonly stale: false; readonly result: unknown };

export class WorkerSlot {
  readonly #functionKey: string;
  readonly #timeoutMs: number;
  /** A pool of its own with this one function: nobody else can be handed its worker. */
  readonly #lambda: OfflineLambda;
  #ending: Deferred<never> | undefined;
  #usable = true;

  constructor(functionKey: string, timeoutMs: number, lambda: OfflineLambda) {
    this.#functionKey = functionKey;
    this.#timeoutMs = timeoutMs;
    this.#lambda = lambda;
    adoptWorkers();
  }

  /** False once the worker must not be used again; `dispose` then ends it. */
  get usable(): boolean {
    return this.#usable;
  }

  /** @throws FunctionError what the handler threw; EventSourceError FUNCTION_TIMED_OUT or FUNCTION_EXITED. */
  async invoke(event: unknown): Promise<SlotAnswer> {
    const ending = deferred<never>();
    this.#ending = ending;
    const timer = setTimeout(() => this.#end(timedOut(this.#timeoutMs)), this.#timeoutMs);
    try {
      const lambdaFunction = this.#lambda.get(this.#functionKey);
      lambdaFunction.setEvent(event);
      const running = creating.run(this, () => lambdaFunction.runHandler());
      return this.#read(await Promise.race([running, ending.promise]));
    } catch (error) {
      // Any rejection here comes from outside of the handler: whose errors the shim answers.
      if (!(error instanceof FunctionError)) this.#usable = false;
      throw error;
    } finally {
      clearTimeout(timer);
      this.#ending = undefined;
    }
  }

  adopt(worker: Worker): void {
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', (code) => this.#end(exited(code)));
  }

  async dispose(): Promise<void> {
    this.#usable = false;
    this.#end(stopped());
    await this.#lambda.cleanup();
  }

  #end(reason: unknown): void {
    this.#usable = false;
    this.#ending?.reject(reason);
  }

  #read(value: unknown): SlotAnswer {
    const answer = shimAnswerSchema.parse(value);
    if (answer.ok) return { stale: false, result: answer.result };
    if (answer.recycle) this.#usable = false;
    if (answer.stale) return { stale: true };
    throw new FunctionError({ ...answer.error, stack: answer.error.stack ?? answer.error.message });
  }
}

function timedOut(timeoutMs: number): EventSourceError {
  return new EventSourceError(`Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`, {
    name: 'Sandbox.Timedout',
    code: 'FUNCTION_TIMED_OUT',
    retryable: true,
  });
}

function exited(code: number): EventSourceError {
  return new EventSourceError(`the function's worker thread ended with exit status ${code}`, {
    name: 'Runtime.ExitError',
    code: 'FUNCTION_EXITED',
    retryable: true,
  });
}

function stopped(): EventSourceError {
  return new EventSourceError('the function was stopped during the invoke', {
    code: 'STOPPED',
    retryable: true,
  });
}
