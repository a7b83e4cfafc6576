// Decides what becomes of a batch after an attempt: how far to commit, what to give up, what to try again.
import type { KafkaRecord } from '../kafka/record.ts';

export interface Settled {
  /** Records given up now: they failed more often than allowed. */
  readonly givenUp: readonly KafkaRecord[];
  /** Still to be handled, beginning with a failed record; empty when the batch is done. */
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
   * Counts one failed attempt of each offset in `failed`, then walks the batch from its head: records that did not
   * fail are done, exhausted ones are given up, and the first other failed record begins the rest.
   */
  settle(batch: readonly KafkaRecord[], failed: ReadonlySet<number>): Settled {
    for (const offset of failed) this.#failures.set(offset, this.failures(offset) + 1);
    const restAt = batch.findIndex(({ offset }) => failed.has(offset) && !this.#isExhausted(offset));
    const done = restAt === -1 ? batch : batch.slice(0, restAt);
    const givenUp = done.filter(({ offset }) => failed.has(offset));
    return { givenUp, rest: restAt === -1 ? [] : batch.slice(restAt) };
  }

  #isExhausted(offset: number): boolean {
    return this.failures(offset) >= this.#maximumFailures;
  }
}
