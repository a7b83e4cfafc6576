import { describe, expect, it } from 'vitest';
import { compileRecordFilter } from './record-filter.ts';

const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('compileRecordFilter', () => {
  it('lets a record through that one of the patterns matches', () => {
    const passes = compileRecordFilter([
      { value: { kind: ['a'] } },
      { value: { size: [{ numeric: ['>', 1] }] } },
    ]);
    const values = [{ kind: 'a' }, { kind: 'b', size: 2 }, { kind: 'b', size: 1 }, {}];
    expect(values.map((value) => passes(bytes(value)))).toEqual([true, true, false, false]);
  });

  it('lets through no value that is not JSON where the pattern is one of keys, not even for absent keys', () => {
    const passes = compileRecordFilter([{ value: { kind: [{ exists: false }] } }]);
    const values = ['plain text', '{"kind":', '"text"', '5', 'null', '{}'].map(bytes);
    expect(values.map(passes)).toEqual([false, false, false, false, false, true]);
    expect(passes(null)).toBe(false);
    expect(passes(Buffer.from([0xff, 0xfe, 0x7b]))).toBe(false);
  });

  it('compares plain text with rules right under value, which no JSON object passes', () => {
    const passes = compileRecordFilter([{ value: [{ 'anything-but': ['error'] }] }]);
    expect([bytes('fine'), bytes('error'), bytes({ error: 1 }), bytes('7')].map(passes)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(passes(null)).toBe(false);
  });

  it('takes $or around value', () => {
    const passes = compileRecordFilter([{ $or: [{ value: { a: [1] } }, { value: { b: [2] } }] }]);
    expect([{ a: 1 }, { b: 2 }, { a: 2, b: 1 }].map((value) => passes(bytes(value)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    [
      'another key than value',
      [{ value: { a: [1] } }, { topic: ['t'] }],
      [1, 'topic'],
      'the key value alone',
    ],
    ['no key', [{}], [0], 'the key value'],
    ['a list', [[]], [0], 'an object with the key value'],
    ['rules that are none', [{ value: { a: 1 } }], [0, 'value', 'a'], 'a list of rules'],
    ['one alternative', [{ $or: [{ value: [1] }] }], [0, '$or'], 'at least two'],
    ['more than 4,096 characters', [{ value: { a: ['x'.repeat(4096)] } }], [0], 'at most 4096'],
  ])('refuses %s and says where', (_, patterns, path, message) => {
    expect(() => compileRecordFilter(patterns)).toThrow(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    );
  });
});
