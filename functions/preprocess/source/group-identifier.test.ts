import { describe, expect, it } from 'vitest';
import { groupIdentifiers } from './group-identifier.ts';

const identifiersOf = (...values: string[]): string[] => [
  ...groupIdentifiers('x', { column: 'District', values }, 'dataset/x.csv').values(),
];

describe('the identifier of a group', () => {
  it.each([
    ['Gràcia', 'x-Gràcia'],
    ['Nou Barris / Nord', 'x-Nou-Barris-Nord'],
    ['7', 'x-7'],
    ['v1.5_b', 'x-v1.5_b'],
    ['  -a-  ', 'x-a'],
    ['../../etc', 'x-..-..-etc'],
    ['e\u0301', 'x-\u00e9'],
    ['温度', 'x-温度'],
    ['a_test', 'x-a_test'],
    ['😀 a', 'x-a'],
  ])('of %j is %s', (value, identifier) => {
    expect(identifiersOf(value)).toEqual([identifier]);
  });

  it('differs where letters differ in case', () => {
    expect(identifiersOf('a', 'A')).toEqual(['x-a', 'x-A']);
  });

  it.each([
    ['two values that come to the same', ['a b', 'a/b'], '"a b" and "a/b", both x-a-b'],
    ['Unicode twins', ['\u00e9', 'e\u0301'], 'both x-\u00e9'],
    [
      'a value of signs alone',
      ['a', '??'],
      'a letter or digit in column "District" of dataset/x.csv, got "??"',
    ],
    ['a value of 101 letters', ['a'.repeat(101)], 'at most 100 letters'],
  ])('is refused for %s', (_, values, message) => {
    expect(() => identifiersOf(...values)).toThrow(
      expect.objectContaining({ code: 'group_invalid', message: expect.stringContaining(message) }),
    );
  });

  it('is refused where it would be too long with the name of the file', () => {
    const groups = { column: 'District', values: ['a'] };
    expect(() => groupIdentifiers('x'.repeat(499), groups, 'dataset/x.csv')).toThrow(
      expect.objectContaining({ code: 'group_invalid', message: expect.stringContaining('got 501 and 501') }),
    );
  });
});
