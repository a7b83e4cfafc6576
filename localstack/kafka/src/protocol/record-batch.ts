import { Crc32c } from '@aws-crypto/crc32c';

/** Bytes of a RecordBatch v2 before its records. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before the batch's own length counts. */
const LENGTH_OVERHEAD = 12;

/** Of the attributes: the base timestamp is the time from which on tombstones may go (KIP-534). */
export const DELETE_HORIZON_BIT = 0x40;
const CODEC_BITS = 0x07;
const CONTROL_BIT = 0x20;

/** What the broker reads of a batch; records are decoded in compacted topics alone. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  /** Bytes of the whole batch. */
  readonly size: number;
  /** How its records are compressed: 0 not, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  /** A mark of a transaction rather than records. */
  readonly isControl: boolean;
  readonly hasDeleteHorizon: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export type BatchProblem = 'incomplete' | 'magic' | 'crc' | 'count';

/** The header of the batch at the start of `bytes`; a problem where it is not one whole batch v2. */
export function readBatchHeader(bytes: Buffer): BatchHeader | BatchProblem {
  if (bytes.length < BATCH_HEADER_BYTES) return 'incomplete';
  const size = bytes.readInt32BE(8) + LENGTH_OVERHEAD;
  if (bytes.readInt8(16) !== 2) return 'magic';
  if (size < BATCH_HEADER_BYTES || size > bytes.length) return 'incomplete';
  const attributes = bytes.readInt16BE(21);
  return {
    baseOffset: bytes.readBigInt64BE(0),
    size,
    codec: attributes & CODEC_BITS,
    isControl: (attributes & CONTROL_BIT) !== 0,
    hasDeleteHorizon: (attributes & DELETE_HORIZON_BIT) !== 0,
    lastOffsetDelta: bytes.readInt32BE(23),
    baseTimestamp: bytes.readBigInt64BE(27),
    maxTimestamp: bytes.readBigInt64BE(35),
    producerId: bytes.readBigInt64BE(43),
    producerEpoch: bytes.readInt16BE(51),
    baseSequence: bytes.readInt32BE(53),
    recordCount: bytes.readInt32BE(57),
  };
}

/** CRC-32C covers attributes to the end, so that the broker may set offset and leader epoch. */
export function crcMatches(bytes: Buffer, size: number): boolean {
  return new Crc32c().update(bytes.subarray(21, size)).digest() === bytes.readUInt32BE(17);
}

/** The batch as it is stored: the broker's offset, leader epoch 0. */
export function placeBatch(bytes: Buffer, baseOffset: bigint): Buffer {
  const placed = Buffer.from(bytes);
  placed.writeBigInt64BE(baseOffset, 0);
  placed.writeInt32BE(0, 12);
  return placed;
}
