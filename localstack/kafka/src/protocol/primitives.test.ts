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

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads back every value of a long random sequence: %i', (seed) => {
    const random = randomIntegers(seed);
    const fields = Array.from({ length: 2000 }, () => randomField(random));
    const writer = new Writer();
    for (const field of fields) field.write(writer);
    const reader = new Reader(writer.finish());
    for (const { value, read } of fields) expect(read(reader)).toEqual(value);
    expect(() => reader.int8()).toThrow(expect.objectContaining({ code: 'BODY_TRUNCATED' }));
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

interface Field {
  readonly value: unknown;
  readonly write: (writer: Writer) => Writer;
  readonly read: (reader: Reader) => unknown;
}

/** A number of any width; one in a hundred bytes or text of 0 to 598 bytes, so that long runs of numbers are between them. */
function randomField(random: () => number): Field {
  const [number, bytes] = [random(), Buffer.alloc(random() % 300, random())];
  const [byte, short, long] = [
    (number << 24) >> 24,
    (number << 16) >> 16,
    BigInt(number) * BigInt(-random()),
  ];
  const text = bytes.toString('hex');
  const numbers: readonly Field[] = [
    { value: byte, write: (writer) => writer.int8(byte), read: (reader) => reader.int8() },
    { value: short, write: (writer) => writer.int16(short), read: (reader) => reader.int16() },
    { value: -number, write: (writer) => writer.int32(-number), read: (reader) => reader.int32() },
    { value: long, write: (writer) => writer.int64(long), read: (reader) => reader.int64() },
  ];
  const others: readonly Field[] = [
    { value: bytes, write: (writer) => writer.bytes(bytes), read: (reader) => reader.bytes() },
    { value: text, write: (writer) => writer.string(text), read: (reader) => reader.string() },
  ];
  const fields = random() % 100 === 0 ? others : numbers;
  const field = fields[random() % fields.length];
  if (field === undefined) throw new RangeError('expected a field');
  return field;
}

/** Integers in [0, 2^31) from a seed (Park and Miller, 1988). */
function randomIntegers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}
