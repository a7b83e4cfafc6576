import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../testing/batch.ts';
import { crcMatches, placeBatch, readBatchHeader } from './record-batch.ts';

const batch = encodeBatch({
  values: ['a', 'bc', ''],
  timestamp: 5000n,
  producerId: 9n,
  producerEpoch: 2,
  baseSequence: 30,
});

describe('a record batch', () => {
  it('shows its header', () => {
    expect(readBatchHeader(batch)).toEqual({
      baseOffset: 0n,
      size: batch.length,
      codec: 0,
      isControl: false,
      hasDeleteHorizon: false,
      lastOffsetDelta: 2,
      baseTimestamp: 5000n,
      maxTimestamp: 5002n,
      producerId: 9n,
      producerEpoch: 2,
      baseSequence: 30,
      recordCount: 3,
    });
    expect(crcMatches(batch, batch.length)).toBe(true);
  });

  it('takes the offset it is stored at, and its checksum still holds', () => {
    const placed = placeBatch(batch, 77n);
    expect(readBatchHeader(placed)).toMatchObject({ baseOffset: 77n, producerId: 9n });
    expect(placed.readInt32BE(12)).toBe(0);
    expect(crcMatches(placed, placed.length)).toBe(true);
    expect(batch.readBigInt64BE(0)).toBe(0n);
  });

  it('is incomplete one byte short, and found whole before the next one', () => {
    expect(readBatchHeader(batch.subarray(0, -1))).toBe('incomplete');
    expect(readBatchHeader(batch.subarray(0, 40))).toBe('incomplete');
    expect(readBatchHeader(Buffer.concat([batch, batch]))).toMatchObject({ size: batch.length });
  });

  it('of an older format is told apart', () => {
    const old = Buffer.from(batch);
    old.writeInt8(1, 16);
    expect(readBatchHeader(old)).toBe('magic');
  });

  it('of a length that can not be is incomplete', () => {
    const negative = Buffer.from(batch);
    negative.writeInt32BE(-1, 8);
    expect(readBatchHeader(negative)).toBe('incomplete');
  });

  it.each([21, 40, 61, batch.length - 1])('with byte %i changed has another checksum', (at) => {
    const changed = Buffer.from(batch);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    expect(crcMatches(changed, changed.length)).toBe(false);
  });
});
