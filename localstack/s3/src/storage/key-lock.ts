import { S3Error } from '../errors.ts';

/** One task at a time for each name, in order of arrival. */
export class KeyLock {
  readonly #tails = new Map<string, Promise<unknown>>();
  #closed = false;

  /** @throws S3Error ServiceUnavailable once closed. */
  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new S3Error('ServiceUnavailable');
    const before = this.#tails.get(name) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.#tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name);
    }
  }

  /** Takes no further task; resolves when every one begun is over, whatever became of it. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values());
  }
}
