// Offsets are handled out of order and committed in order: the mark is the offset below which all are done.

export class LowWaterMark {
  /** Offsets begun and not yet passed by the mark, ascending; true once done. */
  readonly #open = new Map<number, boolean>();
  #mark: number | undefined;

  /** @param offset must ascend from call to call. */
  begin(offset: number): void {
    this.#open.set(offset, false);
  }

  done(offset: number): void {
    this.#open.set(offset, true);
    for (const [begun, isDone] of this.#open) {
      if (!isDone) return;
      this.#open.delete(begun);
      this.#mark = begun + 1;
    }
  }

  /** The offset to commit, undefined before the first record in order is done. */
  get mark(): number | undefined {
    return this.#mark;
  }
}
