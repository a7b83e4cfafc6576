import { S3Error } from '../errors.ts';

/** Takes lines and counted bytes off a stream of buffers, without gathering more than a line at a time. */
export class ChunkReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its CRLF. @throws S3Error IncompleteBody, or InvalidRequest past `maxBytes`. */
  async line(maxBytes: number): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > maxBytes) {
        throw new S3Error('InvalidRequest', `expected a chunk line of at most ${maxBytes} bytes`);
      }
      if (!(await this.#fill()))
        throw new S3Error('IncompleteBody', 'expected a chunk line, got the end of the body');
    }
  }

  /** Exactly `count` bytes, in the pieces they arrive in. */
  async *bytes(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        throw new S3Error(
          'IncompleteBody',
          `expected ${left} more bytes of a chunk, got the end of the body`,
        );
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return true;
  }
}
