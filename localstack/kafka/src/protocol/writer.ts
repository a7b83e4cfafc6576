/** Collects the protocol's primitive types, big-endian. Record batches are added as they are, without a copy. */
export class Writer {
  readonly #parts: Buffer[] = [];
  #current = Buffer.allocUnsafe(256);
  #used = 0;

  int8(value: number): this {
    this.#current.writeInt8(value, this.#room(1));
    return this;
  }
  int16(value: number): this {
    this.#current.writeInt16BE(value, this.#room(2));
    return this;
  }
  int32(value: number): this {
    this.#current.writeInt32BE(value, this.#room(4));
    return this;
  }
  int64(value: bigint | number): this {
    this.#current.writeBigInt64BE(BigInt(value), this.#room(8));
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

  #room(size: number): number {
    if (this.#used + size > this.#current.length) this.#flush();
    const start = this.#used;
    this.#used += size;
    return start;
  }

  #flush(): void {
    if (this.#used > 0) this.#parts.push(this.#current.subarray(0, this.#used));
    this.#current = Buffer.allocUnsafe(256);
    this.#used = 0;
  }
}
