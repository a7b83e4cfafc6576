// A list that tests wait on: what happened, in order.

export class Journal<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(entry: T): void {
    this.entries.push(entry);
    for (const check of this.#waiting) check();
  }

  /** Resolves once `count` entries match; rejects after `timeoutMs` with what there is. */
  waitFor(matches: (entry: T) => boolean, { count = 1, timeoutMs = 15_000 } = {}): Promise<T[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`expected ${count} matching entries, got ${JSON.stringify(this.entries, null, 1)}`));
      }, timeoutMs);
      const check = (): void => {
        const found = this.entries.filter(matches);
        if (found.length < count) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
