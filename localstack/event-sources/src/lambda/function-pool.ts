// The execution environments of one function: as many as invokes run at a time, kept warm for a while.
import { Concurrency } from '../concurrency.ts';
import type { SlotAnswer, WorkerSlot } from './worker-slot.ts';

export interface FunctionPoolOptions {
  readonly createSlot: () => WorkerSlot;
  /** Invokes at a time; undefined: no bound. */
  readonly reservedConcurrency: number | undefined;
  /** Milliseconds until an idle environment ends. */
  readonly idleMs: number;
  /** Receives failures to end a worker. */
  readonly onError: (error: unknown) => void;
}

export class FunctionPool {
  readonly #options: FunctionPoolOptions;
  readonly #concurrency: Concurrency;
  readonly #busy = new Set<WorkerSlot>();
  readonly #idle = new Map<WorkerSlot, NodeJS.Timeout>();

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
    this.#concurrency = new Concurrency(options.reservedConcurrency ?? Infinity);
  }

  /** @throws what WorkerSlot.invoke throws. */
  async invoke(event: unknown): Promise<unknown> {
    await this.#concurrency.enter();
    try {
      for (;;) {
        const answer = await this.#invokeIn(this.#take(), event);
        if (!answer.stale) return answer.result;
      }
    } finally {
      this.#concurrency.leave();
    }
  }

  /** Ends idle environments now and busy ones after their invoke, so that changed code is loaded. */
  async recycle(): Promise<void> {
    for (const slot of this.#busy) this.#busy.delete(slot);
    await this.#disposeIdle();
  }

  /** Ends all environments; running invokes fail with STOPPED. */
  async dispose(): Promise<void> {
    const busy = [...this.#busy];
    this.#busy.clear();
    await Promise.all([...busy.map((slot) => this.#dispose(slot)), this.#disposeIdle()]);
  }

  async #invokeIn(slot: WorkerSlot, event: unknown): Promise<SlotAnswer> {
    this.#busy.add(slot);
    try {
      return await slot.invoke(event);
    } finally {
      const isKept = this.#busy.delete(slot) && slot.usable;
      if (isKept) this.#keepWarm(slot);
      else void this.#dispose(slot);
    }
  }

  /** The environment used last, so that the others grow idle. */
  #take(): WorkerSlot {
    const last = [...this.#idle].findLast(([slot]) => slot.usable);
    if (last === undefined) return this.#options.createSlot();
    const [slot, timer] = last;
    clearTimeout(timer);
    this.#idle.delete(slot);
    return slot;
  }

  #keepWarm(slot: WorkerSlot): void {
    const timer = setTimeout(() => {
      this.#idle.delete(slot);
      void this.#dispose(slot);
    }, this.#options.idleMs);
    this.#idle.set(slot, timer.unref());
  }

  async #disposeIdle(): Promise<void> {
    const idle = [...this.#idle];
    this.#idle.clear();
    for (const [, timer] of idle) clearTimeout(timer);
    await Promise.all(idle.map(([slot]) => this.#dispose(slot)));
  }

  async #dispose(slot: WorkerSlot): Promise<void> {
    try {
      await slot.dispose();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
