import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

/** For each pattern of one field: the values that match, and those that do not. `absent` is a field left out. */
const absent = Symbol('absent');
const fields: [name: string, rules: unknown, matching: unknown[], others: unknown[]][] = [
  ['exact texts', ['a', 'b'], ['a', 'b', ['x', 'b']], ['A', 'ab', ['x'], absent, null]],
  ['exact numbers', [1, 2.5], [1, 1.0, 2.5, [9, 1]], ['1', 0, true, absent]],
  ['exact null, true and false', [null, true], [null, true, [true]], [false, 0, '', absent, []]],
  ['the empty text', [''], [''], ['x', null, absent]],
  ['a prefix', [{ prefix: 'eu-' }], ['eu-west', 'eu-', ['us', 'eu-1']], ['us-eu-', 'EU-west', 5, absent]],
  ['a suffix', [{ suffix: '.png' }], ['a.png', '.png'], ['a.PNG', '.png.gz', null]],
  [
    'a prefix without regard to case',
    [{ prefix: { 'equals-ignore-case': 'EU' } }],
    ['eu-1', 'Eu'],
    ['us', 1, absent],
  ],
  ['equals-ignore-case', [{ 'equals-ignore-case': 'Paid' }], ['paid', 'PAID'], ['paid ', 1, absent]],
  [
    'anything-but a text',
    [{ 'anything-but': 'new' }],
    ['old', 'New', 1, null, ['new', 'x']],
    ['new', ['new'], absent],
  ],
  ['anything-but texts', [{ 'anything-but': ['a', 'b'] }], ['c', ['a', 'c']], ['a', 'b', ['a', 'b'], absent]],
  ['anything-but numbers', [{ 'anything-but': [1, 2] }], [3, '1'], [1, 2, absent]],
  [
    'anything-but a prefix',
    [{ 'anything-but': { prefix: 'tmp/' } }],
    ['a', 'a/tmp/', 7],
    ['tmp/', 'tmp/a', absent],
  ],
  [
    'anything-but suffixes',
    [{ 'anything-but': { suffix: ['.a', '.b'] } }],
    ['x.c', '.a.'],
    ['x.a', 'x.b', absent],
  ],
  [
    'anything-but without regard to case',
    [{ 'anything-but': { 'equals-ignore-case': ['a', 'B'] } }],
    ['ab', 'c'],
    ['A', 'b'],
  ],
  ['a number', [{ numeric: ['=', 100] }], [100, 100.0, 1e2], [100.01, '100', absent]],
  ['a half-open range', [{ numeric: ['>', 0, '<=', 5] }], [0.001, 5], [0, 5.001, -1, '3']],
  ['another range', [{ numeric: ['>=', -1, '<', 1] }], [-1, 0], [1, -1.5]],
  ['one bound', [{ numeric: ['<', 10] }], [9.99, -1e9], [10, null]],
  ['existence', [{ exists: true }], ['x', 0, null, false, ['x']], [absent, {}, { inner: 1 }, []]],
  ['absence', [{ exists: false }], [absent, {}, { inner: 1 }, []], ['x', 0, null, false]],
  ['rules as alternatives', ['x', { prefix: 'y' }, { exists: false }], ['x', 'yes', absent], ['no', 1]],
];

describe('a pattern of one field', () => {
  it.each(fields)('matches %s', (_, rules, matching, others) => {
    const matches = compilePattern({ field: rules });
    const matched = [...matching, ...others].filter((value) =>
      matches(value === absent ? {} : { field: value }),
    );
    expect(matched).toEqual(matching);
  });
});

describe('a pattern of several keys', () => {
  it('needs all of them, at any depth, and looks at no others', () => {
    const matches = compilePattern({ kind: ['order'], of: { size: [{ numeric: ['>', 1] }] } });
    expect(matches({ kind: 'order', of: { size: 2, more: 1 }, other: true })).toBe(true);
    expect(matches({ kind: 'order', of: { size: 1 } })).toBe(false);
    expect(matches({ kind: 'refund', of: { size: 2 } })).toBe(false);
    expect(matches({ kind: 'order', of: 2 })).toBe(false);
    expect(matches({ kind: 'order' })).toBe(false);
  });

  it('finds them in one and the same element of a list', () => {
    const matches = compilePattern({ lines: { sku: ['a'], count: [2] } });
    expect(matches({ lines: [{ sku: 'b' }, { sku: 'a', count: 2 }] })).toBe(true);
    expect(
      matches({
        lines: [
          { sku: 'a', count: 1 },
          { sku: 'b', count: 2 },
        ],
      }),
    ).toBe(false);
  });

  it('does not take inherited properties for keys', () => {
    expect(compilePattern({ constructor: { name: ['Object'] } })({})).toBe(false);
    expect(compilePattern({ toString: [{ exists: false }] })({})).toBe(true);
  });

  it('takes any alternative of $or, together with the keys beside it', () => {
    const matches = compilePattern({
      kind: ['order'],
      $or: [{ rush: [true] }, { total: [{ numeric: ['>', 99] }] }],
    });
    expect(matches({ kind: 'order', rush: true, total: 1 })).toBe(true);
    expect(matches({ kind: 'order', total: 100 })).toBe(true);
    expect(matches({ kind: 'order', total: 1 })).toBe(false);
    expect(matches({ kind: 'refund', rush: true })).toBe(false);
  });
});

describe('what is no pattern', () => {
  it.each([
    ['text where a list belongs', { a: 'x' }, ['a'], 'a list of rules'],
    ['an empty object', { a: {} }, ['a'], 'at least one key'],
    ['an empty list', { a: [] }, ['a'], 'at least one rule'],
    ['a list in a list', { a: [['x']] }, ['a', 0], 'a value or a rule'],
    [
      'two operators in one rule',
      { a: ['x', { prefix: 'a', suffix: 'b' }] },
      ['a', 1],
      'exactly one operator',
    ],
    ['an unknown operator', { a: [{ wildcard: '*' }] }, ['a', 0], 'one of exists, anything-but, prefix'],
    ['an inherited operator', { a: [{ constructor: 'x' }] }, ['a', 0], 'one of exists'],
    ['a number as prefix', { a: [{ prefix: 1 }] }, ['a', 0, 'prefix'], 'a text'],
    ['text as exists', { a: [{ exists: 'yes' }] }, ['a', 0, 'exists'], 'true or false'],
    [
      'anything-but a mixture',
      { a: [{ 'anything-but': ['x', 1] }] },
      ['a', 0, 'anything-but'],
      'a text, a number',
    ],
    ['anything-but nothing', { a: [{ 'anything-but': [] }] }, ['a', 0, 'anything-but'], 'a text, a number'],
    [
      'anything-but a range',
      { a: [{ 'anything-but': { numeric: [] } }] },
      ['a', 0, 'anything-but'],
      'one of prefix',
    ],
    ['a range upside down', { a: [{ numeric: ['>', 5, '<', 1] }] }, ['a', 0, 'numeric'], 'lower'],
    ['a range that begins above', { a: [{ numeric: ['<', 5, '>', 1] }] }, ['a', 0, 'numeric'], 'lower'],
    ['a bound as text', { a: [{ numeric: ['>', '5'] }] }, ['a', 0, 'numeric'], 'number'],
    ['a range of one term', { a: [{ numeric: ['>'] }] }, ['a', 0, 'numeric'], 'number'],
    ['one alternative', { $or: [{ a: ['x'] }] }, ['$or'], 'at least two'],
    ['alternatives of another kind', { $or: [{ a: ['x'] }, 'y'] }, ['$or'], 'objects'],
    ['an invalid alternative', { $or: [{ a: ['x'] }, { b: 1 }] }, ['$or', 1, 'b'], 'a list of rules'],
  ])('refuses %s and says where', (_, pattern, path, message) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    );
  });
});
