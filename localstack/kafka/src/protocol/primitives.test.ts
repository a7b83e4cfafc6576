import { describe, expect, it } from 'vitest';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

describe('the writer', () => {
  it('lays integers out big-endian, with their sign', () => {
    const bytes = new Writer().int8(-1).int16(258).int32(-2).int64(1n).boolean(true).finish();
    expect(bytes.toString('hex')).toBe('ff0102fffffffe000000000000000101');
  });

  it('puts the length in bytes before strings and bytes, -1 for null', () => {
    const bytes = new Writer()
      .string('é')
      .string(null)
      .bytes(Buffer.from([7]))
      .bytes(null)
      .finish();
    expect(bytes.toString('hex')).toBe('0002c3a9ffff0000000107ffffffff');
  });

  it('counts an array and writes its items in order', () => {
    const writer = new Writer();
    expect(
      writer
        .array([3, 4], (item) => writer.int8(item))
        .finish()
        .toString('hex'),
    ).toBe('000000020304');
  });

  it('holds more than its first buffer', () => {
    const writer = new Writer();
    for (let value = 0; value < 1000; value += 1) writer.int32(value);
    const bytes = writer.finish();
    expect(bytes.length).toBe(4000);
    expect(bytes.readInt32BE(3996)).toBe(999);
  });

  it('refuses a string that its length field can not hold', () => {
    expect(() => new Writer().string('x'.repeat(40_000))).toThrow(RangeError);
  });
});

describe('the reader', () => {
  it('reads back what the writer wrote', () => {
    const writer = new Writer()
      .int8(-5)
      .int16(-6)
      .int32(7)
      .int64(-(2n ** 40n))
      .boolean(false)
      .string('a b');
    const bytes = writer.string(null).bytes(Buffer.from('xyz')).bytes(null).finish();
    const reader = new Reader(bytes);
    expect([reader.int8(), reader.int16(), reader.int32(), reader.int64(), reader.boolean()]).toEqual([
      -5,
      -6,
      7,
      -(2n ** 40n),
      false,
    ]);
    expect([reader.string(), reader.nullableString()]).toEqual(['a b', null]);
    expect([reader.bytes().toString(), reader.nullableBytes()]).toEqual(['xyz', null]);
  });

  it('reads arrays, and null apart from empty', () => {
    const reader = new Reader(
      Buffer.from('0000000201020000000000ffffffff'.replace('0000000000', '00000000'), 'hex'),
    );
    expect(reader.array((each) => each.int8())).toEqual([1, 2]);
    expect(reader.nullableArray((each) => each.int8())).toEqual([]);
  });

  it.each([
    ['an integer cut short', '0001', (reader: Reader) => reader.int32()],
    ['a string longer than the body', '000561', (reader: Reader) => reader.string()],
    ['bytes longer than the body', '7fffffff00', (reader: Reader) => reader.bytes()],
    [
      'an array of more items than there are',
      '7fffffff01',
      (reader: Reader) => reader.array((each) => each.int8()),
    ],
    ['null where a string must be', 'ffff', (reader: Reader) => reader.string()],
  ])('throws BODY_TRUNCATED at %s', (_, hex, read) => {
    expect(() => read(new Reader(Buffer.from(hex, 'hex')))).toThrow(
      expect.objectContaining({ code: 'BODY_TRUNCATED' }),
    );
  });
});
