import { describe, expect, it } from 'vitest';
import { KeyIndex } from './key-index.ts';
import { compareKeys } from './key-order.ts';
import type { ObjectMeta } from './object-meta.ts';

function metaOf(key: string): ObjectMeta {
  return {
    key,
    size: 0,
    etag: '',
    lastModified: 0,
    sequencer: '',
    headers: {},
    userMetadata: {},
    checksums: {},
    checksumType: 'FULL_OBJECT',
  };
}

function keysOf(index: KeyIndex): string[] {
  return Array.from({ length: index.size }, (_, position) => index.keyAt(position) ?? '');
}

const ODD_KEYS = [
  '',
  'a',
  'a/',
  'a/b',
  'a b',
  'a+b',
  'A',
  'é',
  '\u{ffff}',
  '\u{e000}',
  '\u{1f600}',
  '\u{d7ff}',
  'aé',
  'a\u{1f600}',
];

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    const byBytes = [...ODD_KEYS].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    );
    expect([...ODD_KEYS].sort(compareKeys)).toEqual(byBytes);
    expect([...ODD_KEYS].reverse().sort(compareKeys)).toEqual(byBytes);
  });
});

describe('the index of keys', () => {
  it('stays in order through insertions, overwrites and removals', () => {
    const index = new KeyIndex(['m', 'c'].map(metaOf));
    for (const key of ['z', 'a', 'm', 'd']) index.set(metaOf(key));
    expect(keysOf(index)).toEqual(['a', 'c', 'd', 'm', 'z']);
    for (const key of ['c', 'nothing', 'z']) index.delete(key);
    expect(keysOf(index)).toEqual(['a', 'd', 'm']);
    expect(index.get('c')).toBeUndefined();
  });

  it('finds where keys begin, end, and where a prefix ends', () => {
    const index = new KeyIndex(['a', 'b/1', 'b/2', 'b0', 'c'].map(metaOf));
    expect(index.lowerBound('b/')).toBe(1);
    expect(index.lowerBound('b/2')).toBe(2);
    expect(index.upperBound('b/2')).toBe(3);
    expect(index.afterPrefix('b/')).toBe(3);
    expect(index.afterPrefix('x')).toBe(5);
  });
});
