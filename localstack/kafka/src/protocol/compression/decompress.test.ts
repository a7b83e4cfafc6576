import { describe, expect, it } from 'vitest';
import { COMPRESSED_BATCHES } from '../../testing/compressed-batches.ts';
import { readBatchHeader, type BatchHeader } from '../record-batch.ts';
import { decodeRecords } from '../records.ts';
import { decompress } from './decompress.ts';

const NAMES = Object.keys(COMPRESSED_BATCHES);
const EXPECTED = Array.from({ length: 12 }, (_, index) => [
  `key-${index % 4}`,
  `value ${index} ${index % 2 === 1 ? 'ab'.repeat(40) : 'x'.repeat(90)} ü`,
]);

function sample(name: string): { batch: Buffer; header: BatchHeader; packed: Buffer } {
  const batch = Buffer.from(COMPRESSED_BATCHES[name] ?? '', 'base64');
  const header = readBatchHeader(batch);
  if (typeof header === 'string') throw new Error(`expected a batch, got ${header}`);
  return { batch, header, packed: batch.subarray(61) };
}

describe('records that other clients compressed', () => {
  it.each(NAMES)('are read: %s', (name) => {
    const { batch, header } = sample(name);
    const records = decodeRecords(batch, header) ?? [];
    expect(records.map(({ key, value }) => [String(key), String(value)])).toEqual(EXPECTED);
    expect(records.map(({ offsetDelta }) => offsetDelta)).toEqual(EXPECTED.map((_, index) => index));
  });

  it.each(NAMES)('are an error torn at any byte, or no more than their beginning: %s', (name) => {
    const { header, packed } = sample(name);
    const whole = decompress(header.codec, packed, 1e6);
    const harmless = (length: number): boolean => {
      try {
        const read = decompress(header.codec, packed.subarray(0, length), 1e6);
        return whole.subarray(0, read.length).equals(read);
      } catch (error) {
        return error instanceof Error;
      }
    };
    const lengths = Array.from({ length: packed.length }, (_, length) => length);
    expect(lengths.filter((length) => !harmless(length))).toEqual([]);
  });

  it.each(NAMES)('with any byte changed end in records, or none, without harm: %s', (name) => {
    const { batch, header } = sample(name);
    const harmed = Array.from({ length: batch.length - 61 }, (_, index) => {
      const changed = Buffer.from(batch);
      changed.writeUInt8(changed.readUInt8(61 + index) ^ 0xff, 61 + index);
      return decodeRecords(changed, header);
    }).filter((records) => records !== undefined && records.length !== header.recordCount);
    expect(harmed).toEqual([]);
  });

  it.each(NAMES)('are refused beyond a bound: %s', (name) => {
    const { header, packed } = sample(name);
    const { length } = decompress(header.codec, packed, 1e6);
    expect(decompress(header.codec, packed, length)).toHaveLength(length);
    expect(() => decompress(header.codec, packed, length - 1)).toThrow(/larger|at most/u);
  });

  it('are refused of a codec that nobody knows', () => {
    expect(() => decompress(5, Buffer.alloc(1), 1e6)).toThrow('got 5');
  });
});
