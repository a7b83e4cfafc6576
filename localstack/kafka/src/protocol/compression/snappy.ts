// Snappy, as producers send it: one raw block, or many in the frame of the Java clients.
// Format: google/snappy, format_description.txt; the frame is that of xerial/snappy-java.
import { takeBytes } from './take-bytes.ts';

const FRAME_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** Magic and two version numbers. */
const FRAME_HEADER_BYTES = 16;

/** @throws RangeError where the input is torn or nonsense, or would grow beyond `maxBytes` */
export function unsnappy(input: Buffer, maxBytes: number): Buffer {
  if (!input.subarray(0, FRAME_MAGIC.length).equals(FRAME_MAGIC)) return unsnappyBlock(input, maxBytes);
  const blocks: Buffer[] = [];
  let left = maxBytes;
  for (let at = FRAME_HEADER_BYTES; at < input.length;) {
    const length = input.readInt32BE(at);
    const block = unsnappyBlock(takeBytes(input, at + 4, length), left);
    left -= block.length;
    blocks.push(block);
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

function unsnappyBlock(input: Buffer, maxBytes: number): Buffer {
  const { length, at: start } = readLength(input);
  if (length > maxBytes) throw new RangeError(`expected at most ${maxBytes} bytes, got ${length}`);
  const output = Buffer.alloc(length);
  let written = 0;
  for (let at = start; at < input.length;) {
    const tag = input.readUInt8(at);
    const { size, distance, next } = (tag & 3) === 0 ? literal(input, at) : copy(input, at);
    if (written + size > length || distance > written) throw new RangeError('a snappy block is damaged');
    if (distance === 0) takeBytes(input, next - size, size).copy(output, written);
    // A copy may reach into what it writes itself.
    else
      for (let each = 0; each < size; each += 1)
        output[written + each] = output[written + each - distance] ?? 0;
    written += size;
    at = next;
  }
  if (written < length) throw new RangeError(`expected ${length} bytes, got ${written}`);
  return output;
}

interface Piece {
  readonly size: number;
  /** Bytes back; 0 of a literal, whose bytes end at `next`. */
  readonly distance: number;
  readonly next: number;
}

function literal(input: Buffer, at: number): Piece {
  const code = input.readUInt8(at) >>> 2;
  const extra = code < 60 ? 0 : code - 59;
  const size = (extra === 0 ? code : input.readUIntLE(at + 1, extra)) + 1;
  return { size, distance: 0, next: at + 1 + extra + size };
}

function copy(input: Buffer, at: number): Piece {
  const tag = input.readUInt8(at);
  if ((tag & 3) === 1) {
    const distance = nonZero(((tag >>> 5) << 8) | input.readUInt8(at + 1));
    return { size: ((tag >>> 2) & 7) + 4, distance, next: at + 2 };
  }
  const bytes = (tag & 3) === 2 ? 2 : 4;
  return { size: (tag >>> 2) + 1, distance: nonZero(input.readUIntLE(at + 1, bytes)), next: at + 1 + bytes };
}

function nonZero(distance: number): number {
  if (distance === 0) throw new RangeError('a snappy block is damaged');
  return distance;
}

/** A varint of at most five bytes. */
function readLength(input: Buffer): { length: number; at: number } {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = input.readUInt8(at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, at: at + 1 };
  }
  throw new RangeError('a snappy block is damaged');
}
