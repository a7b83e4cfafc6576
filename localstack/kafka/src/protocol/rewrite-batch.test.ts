import { describe, expect, it } from 'vitest';
import { COMPRESSED_BATCHES } from '../testing/compressed-batches.ts';
import { encodeBatch } from '../testing/batch.ts';
import { crcMatches, readBatchHeader, type BatchHeader } from './record-batch.ts';
import { decodeRecords, type LogRecord } from './records.ts';
import { rewriteBatch } from './rewrite-batch.ts';

function read(batch: Buffer): { header: BatchHeader; records: LogRecord[] } {
  const header = readBatchHeader(batch);
  if (typeof header === 'string') throw new Error(`expected a batch, got ${header}`);
  return { header, records: decodeRecords(batch, header) ?? [] };
}

const timesOf = ({ header, records }: ReturnType<typeof read>): number[] =>
  records.map(({ timestampDelta }) => Number(header.baseTimestamp) + timestampDelta);

describe('a batch that is written anew', () => {
  const batch = encodeBatch({
    values: ['a', 'b', 'c'],
    timestamp: 5000n,
    producerId: 9n,
    producerEpoch: 2,
    baseSequence: 30,
  });
  const before = read(batch);

  it('is the same to the byte with all its records', () => {
    const again = rewriteBatch(batch, before.header, { records: before.records, deleteHorizon: undefined });
    expect(again.equals(batch)).toBe(true);
  });

  it('keeps offsets, producer and sequence, and has a checksum that holds, with fewer records', () => {
    const records = before.records.slice(1, 2);
    const after = rewriteBatch(batch, before.header, { records, deleteHorizon: undefined });
    const { header } = read(after);
    expect(crcMatches(after, after.length)).toBe(true);
    expect(header).toEqual({ ...before.header, size: after.length, maxTimestamp: 5001n, recordCount: 1 });
    expect(read(after).records).toEqual(records);
  });

  it('without any record is a header alone', () => {
    const after = rewriteBatch(batch, before.header, { records: [], deleteHorizon: undefined });
    expect(crcMatches(after, after.length)).toBe(true);
    expect(readBatchHeader(after)).toEqual({ ...before.header, size: 61, recordCount: 0 });
  });

  it('notes when its tombstones may go, and the times of its records stay', () => {
    const { records } = before;
    const after = read(rewriteBatch(batch, before.header, { records, deleteHorizon: 90_000 }));
    expect(after.header).toMatchObject({
      hasDeleteHorizon: true,
      baseTimestamp: 90_000n,
      maxTimestamp: 5002n,
    });
    expect(timesOf(after)).toEqual([5000, 5001, 5002]);
    expect(after.records.map(({ value }) => String(value))).toEqual(['a', 'b', 'c']);
  });

  it.each(Object.keys(COMPRESSED_BATCHES))('is compressed by gzip where it was compressed: %s', (name) => {
    const packed = Buffer.from(COMPRESSED_BATCHES[name] ?? '', 'base64');
    const { header, records } = read(packed);
    const kept = records.filter((_, index) => index % 3 === 0);
    const after = read(rewriteBatch(packed, header, { records: kept, deleteHorizon: undefined }));
    expect(after.header).toMatchObject({ codec: 1, recordCount: 4, lastOffsetDelta: 11 });
    expect(after.records).toEqual(kept);
  });
});
