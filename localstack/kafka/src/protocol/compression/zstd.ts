import { Decompress } from 'fzstd';

/** Bytes handed over at a time: what a few pack may be much, and is unpacked at once. */
const STEP = 1024;
/** Far beyond what producers use for batches of a megabyte. */
const MOST_WINDOW_BYTES = 64 * 1024 * 1024;

/** @throws Error where the input is torn or nonsense, or would take more than `maxBytes` */
export function unzstd(input: Buffer, maxBytes: number): Buffer {
  requireWithin(memoryOf(input), MOST_WINDOW_BYTES);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    requireWithin(length, maxBytes);
    // The decoder goes on in the memory of what it handed over.
    pieces.push(piece.slice());
  });
  for (let at = 0; at < input.length; at += STEP)
    stream.push(input.subarray(at, at + STEP), at + STEP >= input.length);
  return Buffer.concat(pieces);
}

function requireWithin(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new RangeError(`expected at most ${maxBytes} bytes, got ${bytes} or more`);
}

const DICTIONARY_ID_BYTES = [0, 1, 2, 4];

/**
 * What the decoder sets aside before it reads any block: the content, or a window of it; RFC 8878, section 3.1.1.1.
 * @throws RangeError where the header is torn
 */
function memoryOf(input: Buffer): number {
  const flags = input.readUInt8(4);
  const isSingleSegment = (flags & 0x20) !== 0;
  if (!isSingleSegment) {
    const window = input.readUInt8(5);
    const base = 2 ** (10 + (window >>> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + (DICTIONARY_ID_BYTES[flags & 3] ?? 0);
  const sizeBytes = 2 ** (flags >>> 6);
  if (sizeBytes === 8) return Number(input.readBigUInt64LE(at));
  return input.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}
