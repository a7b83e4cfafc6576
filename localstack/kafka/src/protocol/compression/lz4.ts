// LZ4 frames, as producers send them. Format: lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md. Checksums of the
// frame are not compared: the batch has its own.
import { takeBytes } from './take-bytes.ts';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const UNCOMPRESSED = 0x80000000;

/** @throws RangeError where the input is torn or nonsense, or would grow beyond `maxBytes` */
export function unlz4(input: Buffer, maxBytes: number): Buffer {
  if (input.readUInt32LE(0) !== MAGIC) throw new RangeError('an LZ4 frame is damaged');
  const flags = input.readUInt8(4);
  const [hasBlockChecksum, hasSize, hasDictionary] = [flags & 0x10, flags & 0x08, flags & 0x01];
  const output = new Output(maxBytes);
  let at = 7 + (hasSize === 0 ? 0 : 8) + (hasDictionary === 0 ? 0 : 4);
  for (;;) {
    const word = input.readUInt32LE(at);
    if (word === 0) return output.finish();
    const size = word % UNCOMPRESSED;
    const block = takeBytes(input, at + 4, size);
    if (word >= UNCOMPRESSED) output.append(block);
    else unlz4Block(block, output);
    at += 4 + size + (hasBlockChecksum === 0 ? 0 : 4);
  }
}

function unlz4Block(block: Buffer, output: Output): void {
  for (let at = 0; at < block.length;) {
    const token = block.readUInt8(at);
    const literals = readSize(block, at + 1, token >>> 4);
    output.append(takeBytes(block, literals.next, literals.size));
    at = literals.next + literals.size;
    // The last sequence has no match.
    if (at >= block.length) return;
    const distance = block.readUInt16LE(at);
    const match = readSize(block, at + 2, token & 15);
    output.repeat(distance, match.size + MIN_MATCH);
    at = match.next;
  }
}

/** Four bits, and as many further bytes as are full. */
function readSize(block: Buffer, at: number, bits: number): { size: number; next: number } {
  let [size, next] = [bits, at];
  if (bits < 15) return { size, next };
  for (;;) {
    const byte = block.readUInt8(next);
    size += byte;
    next += 1;
    if (byte < 255) return { size, next };
  }
}

/** What was decoded; a match may reach back into earlier blocks. */
class Output {
  #bytes = Buffer.alloc(64 * 1024);
  #used = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  append(bytes: Buffer): void {
    this.#reserve(bytes.length);
    bytes.copy(this.#bytes, this.#used);
    this.#used += bytes.length;
  }

  repeat(distance: number, size: number): void {
    if (distance === 0 || distance > this.#used) throw new RangeError('an LZ4 block is damaged');
    this.#reserve(size);
    const end = this.#used + size;
    for (; this.#used < end; this.#used += 1)
      this.#bytes[this.#used] = this.#bytes[this.#used - distance] ?? 0;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  #reserve(size: number): void {
    const needed = this.#used + size;
    if (needed > this.#maxBytes) throw new RangeError(`expected at most ${this.#maxBytes} bytes, got more`);
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
