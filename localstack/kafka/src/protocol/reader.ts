import { BrokerError } from '../errors.ts';

/** Reads the protocol's primitive types, big-endian, from a request's body. Every method throws BODY_TRUNCATED past its end. */
export class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }
  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }
  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }
  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }
  boolean(): boolean {
    return this.int8() !== 0;
  }
  string(): string {
    const text = this.nullableString();
    if (text === null) throw new BrokerError('BODY_TRUNCATED', 'expected a string, got null');
    return text;
  }
  nullableString(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const start = this.#take(length);
    return this.#buffer.toString('utf8', start, start + length);
  }
  bytes(): Buffer {
    return this.nullableBytes() ?? Buffer.alloc(0);
  }
  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }
  array<T>(read: (reader: Reader) => T): T[] {
    return this.nullableArray(read) ?? [];
  }
  nullableArray<T>(read: (reader: Reader) => T): T[] | null {
    const length = this.int32();
    if (length < 0) return null;
    const items: T[] = [];
    for (let index = 0; index < length; index += 1) items.push(read(this));
    return items;
  }

  #take(size: number): number {
    const start = this.#at;
    if (start + size > this.#buffer.length)
      throw new BrokerError(
        'BODY_TRUNCATED',
        `expected ${size} bytes at ${start}, got ${this.#buffer.length - start}`,
      );
    this.#at += size;
    return start;
  }
}
