import { gzipSync } from 'node:zlib';
import { Crc32c } from '@aws-crypto/crc32c';
import { CODECS } from './compression/decompress.ts';
import { BATCH_HEADER_BYTES, DELETE_HORIZON_BIT, type BatchHeader } from './record-batch.ts';
import { encodeRecords, type LogRecord } from './records.ts';

/**
 * The batch with these of its records, in order. Its offsets from the first to the last stay its own, and so do producer
 * and sequence; with a time, tombstones may go from then on, which is noted as Kafka does (KIP-534): in place of the
 * base timestamp. What was compressed is compressed by gzip, which every client reads.
 * @param deleteHorizon - ms; undefined leaves what the batch says
 */
export function rewriteBatch(
  batch: Buffer,
  header: BatchHeader,
  { records, deleteHorizon }: { records: readonly LogRecord[]; deleteHorizon: number | undefined },
): Buffer {
  const base = deleteHorizon === undefined ? header.baseTimestamp : BigInt(deleteHorizon);
  const shift = Number(header.baseTimestamp - base);
  const moved = records.map((record) => ({ ...record, timestampDelta: record.timestampDelta + shift }));
  const isPacked = header.codec !== CODECS.none && moved.length > 0;
  const plain = encodeRecords(moved);
  const bytes = isPacked ? gzipSync(plain) : plain;
  const rewritten = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), bytes]);
  rewritten.writeInt32BE(rewritten.length - 12, 8);
  const attributes = batch.readInt16BE(21) & ~7;
  const marked = deleteHorizon === undefined ? attributes : attributes | DELETE_HORIZON_BIT;
  rewritten.writeInt16BE(marked | (isPacked ? CODECS.gzip : CODECS.none), 21);
  rewritten.writeBigInt64BE(base, 27);
  if (moved.length > 0) {
    const newest = moved.reduce((most, { timestampDelta }) => Math.max(most, timestampDelta), -Infinity);
    rewritten.writeBigInt64BE(base + BigInt(newest), 35);
  }
  rewritten.writeInt32BE(moved.length, 57);
  rewritten.writeUInt32BE(new Crc32c().update(rewritten.subarray(21)).digest(), 17);
  return rewritten;
}
