import { Decompress } from 'fzstd';
import { createByteReader, type ByteReader } from './byte-reader.ts';

const FRAME_MAGIC = 0xfd2fb528;
/** Frames of 0x184D2A50 to 0x184D2A5F hold data for others than us. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const MOST_BLOCK_BYTES = 128 * 1024;
/** What `zstd -20` and the levels below it use; larger ones are memory that a file's author decides about. */
const MOST_WINDOW_BYTES = 2 ** 25;
const [RLE, RESERVED] = [1, 3];
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];

/** Thrown by unzstd; the message says what came instead of whole zstd data. */
export class ZstdError extends Error {
  override readonly name = 'ZstdError';
}

/**
 * What is packed in zstd data (RFC 8878), frame after frame, a block of at most 128 KiB at a time: however much a frame
 * unpacks to, a block and the window are in memory. Checksums are not compared. @throws ZstdError
 */
export async function* unzstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = createByteReader(packed);
  for (;;) {
    const magic = await reader.take(4);
    if (magic.length === 0) return;
    const number = magic.length === 4 ? magic.readUInt32LE() : 0;
    if (number === FRAME_MAGIC) yield* frame(reader, magic);
    else if (number >>> 4 === SKIPPABLE_MAGIC >>> 4) await skipFrame(reader);
    else throw new ZstdError(`bytes that begin no frame: ${magic.toString('hex')}`);
  }
}

/** The blocks of one frame. The decoder is given one after the other, since it unpacks all it is given at once. */
async function* frame(reader: ByteReader, magic: Buffer): AsyncGenerator<Uint8Array> {
  const unpacked: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => unpacked.push(bytes));
  const { header, hasChecksum } = await frameHeader(reader);
  push(decoder, Buffer.concat([magic, header]), false);
  for (let last = false; !last;) {
    const blockHeader = await whole(reader, BLOCK_HEADER_BYTES);
    const bits = blockHeader.readUIntLE(0, BLOCK_HEADER_BYTES);
    last = (bits & 1) === 1;
    const type = (bits >> 1) & 3;
    if (type === RESERVED || bits >> 3 > MOST_BLOCK_BYTES) throw new ZstdError('a block of no known kind');
    const block = await whole(reader, type === RLE ? 1 : bits >> 3);
    const checksum = await whole(reader, last && hasChecksum ? CHECKSUM_BYTES : 0);
    push(decoder, Buffer.concat([blockHeader, block, checksum]), last);
    yield* unpacked.splice(0);
  }
}

async function frameHeader(reader: ByteReader): Promise<{ header: Buffer; hasChecksum: boolean }> {
  const descriptor = await whole(reader, 1);
  const flags = descriptor[0] ?? 0;
  const singleSegment = (flags >> 5) & 1;
  const sizeFlag = flags >> 6;
  const sizeBytes = sizeFlag === 0 ? singleSegment : 2 ** sizeFlag;
  const window = await whole(reader, 1 - singleSegment);
  const dictionary = await whole(reader, DICTIONARY_ID_BYTES[flags & 3] ?? 0);
  const size = await whole(reader, sizeBytes);
  if (dictionary.some((byte) => byte !== 0)) throw new ZstdError('a frame that needs a dictionary');
  const bytes = singleSegment === 1 ? contentSize(size) : windowSize(window[0] ?? 0);
  if (bytes > MOST_WINDOW_BYTES)
    throw new ZstdError(`a window of ${bytes} bytes, which is more than ${MOST_WINDOW_BYTES}`);
  return {
    header: Buffer.concat([descriptor, window, dictionary, size]),
    hasChecksum: (flags & 4) === 4,
  };
}

/** RFC 8878, 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878, 3.1.1.1.4: two bytes begin to count at 256. */
function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const size = (await whole(reader, 4)).readUInt32LE();
  for (let left = size; left > 0; left -= MOST_BLOCK_BYTES)
    await whole(reader, Math.min(left, MOST_BLOCK_BYTES));
}

async function whole(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = await reader.take(length);
  if (bytes.length < length) throw new ZstdError('an end within a frame');
  return bytes;
}

function push(decoder: Decompress, bytes: Uint8Array, last: boolean): void {
  try {
    decoder.push(bytes, last);
  } catch (cause) {
    throw new ZstdError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
