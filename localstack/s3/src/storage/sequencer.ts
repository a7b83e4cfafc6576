/** Numbers every change, greater each time, also across restarts: nanoseconds since 1970 or one more than the last. */
export class Sequencer {
  readonly #now: () => Date;
  #last = 0n;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Makes all numbers to come greater than one that is in use. */
  seen(sequencer: string): void {
    const value = /^[0-9A-F]{1,16}$/i.test(sequencer) ? BigInt(`0x${sequencer}`) : 0n;
    if (value > this.#last) this.#last = value;
  }

  /** 16 upper-case hex digits. */
  next(): string {
    const clock = BigInt(this.#now().getTime()) * 1_000_000n;
    this.#last = clock > this.#last ? clock : this.#last + 1n;
    return this.#last.toString(16).toUpperCase().padStart(16, '0');
  }
}
