const BLOCK_BYTES = 256;

/** Collects the protocol's primitive types, big-endian. Record batches are added as they are, without a copy. */
export class Writer {
  readonly #parts: Buffer[] = [];
  // Zeroed, so that nothing of this process could ever go out in a gap.
  #current = Buffer.alloc(BLOCK_BYTES);
  #used = 0;

  int8(value: number): this {
    const at = this.#room(1);
    this.#current.writeInt8(value, at);
    return this;
  }
  int16(value: number): this {
    const at = this.#room(2);
    this.#current.writeInt16BE(value, at);
    return this;
  }
  int32(value: number): this {
    const at = this.#room(4);
    this.#current.writeInt32BE(value, at);
    return this;
  }
  int64(value: bigint | number): this {
    const at = this.#room(8);
    this.#current.writeBigInt64BE(BigInt(value), at);
    return this;
  }
  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value, 'utf8');
    return this.int16(bytes.length).raw(bytes);
  }
  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value);
  }
  array<T>(items: readonly T[], write: (item: T, writer: this) => void): this {
    this.int32(items.length);
    for (const item of items) write(item, this);
    return this;
  }
  raw(bytes: Buffer): this {
    this.#flush();
    this.#parts.push(bytes);
    return this;
  }
  finish(): Buffer {
    this.#flush();
    return Buffer.concat(this.#parts);
  }

  /** Where the next `size` bytes go in `#current`, which this may replace: to be asked before that is looked at. */
  #room(size: number): number {
    if (this.#used + size > this.#current.length) {
      this.#flush();
      this.#current = Buffer.alloc(BLOCK_BYTES);
    }
    const start = this.#used;
    this.#used += size;
    return start;
  }

  /** Ends the part that is written, and goes on in the rest of the block. */
  #flush(): void {
    this.#parts.push(this.#current.subarray(0, this.#used));
    this.#current = this.#current.subarray(this.#used);
    this.#used = 0;
  }
}
