// Decides what becomes of a batch after an attempt: how far to commit, what to give up, what to try again.
import type { KafkaRecord } from '../kafka/record.ts';

export interface Settled {
  /** Records given up now: they failed more often than allowed. */
  readonly givenUp: readonly KafkaRecord[];
  /** Still to be handled; empty when the batch is done. */
  readonly rest: readonly KafkaRecord[];
}

/** Counts failed attempts by offset, for the records of the batch in hand alone. */
export class AttemptCounter {
  readonly #failures = new Map<number, number>();
  readonly #maximumFailures: number;

  /** @param maximumRetryAttempts attempts after the first; -1 for ever. */
  constructor(maximumRetryAttempts: number) {
    this.#maximumFailures = maximumRetryAttempts === -1 ? Infinity : maximumRetryAttempts + 1;
  }

  failures(offset: number): number {
    return this.#failures.get(offset) ?? 0;
  }

  /**
   * Counts one failed attempt of each offset in `failed`. Records before the first failed one are done; from it on,
   * exhausted ones are given up until one that is to come again, which begins the rest. Records behind a failed one
   * come again even where it alone was named: a function that keeps to the order stops there.
   */
  settle(batch: readonly KafkaRecord[], failed: ReadonlySet<number>): Settled {
    for (const offset of failed) this.#failures.set(offset, this.failures(offset) + 1);
    const firstFailed = batch.findIndex(({ offset }) => failed.has(offset));
    if (firstFailed === -1) return { givenUp: [], rest: [] };
    const open = batch.slice(firstFailed);
    const restAt = open.findIndex(({ offset }) => !failed.has(offset) || !this.#isExhausted(offset));
    if (restAt === -1) return { givenUp: open, rest: [] };
    return { givenUp: open.slice(0, restAt), rest: open.slice(restAt) };
  }

  #isExhausted(offset: number): boolean {
    return this.failures(offset) >= this.#maximumFailures;
  }
}
