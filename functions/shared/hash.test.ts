import { describe, expect, it } from 'vitest';
import { contentHash, sha256 } from './hash.ts';

// echo -n '{"a":[1,2.5,"ü"],"b":null}' | sha256sum
const KNOWN = '9235ac36a7f51da8cb88a7e421b2b4a94bade4ce4f6cb9fdd85bba6320538d0e';

describe('contentHash', () => {
  it('is the SHA-256 of the canonical JSON, whatever the order of keys', () => {
    expect(contentHash({ b: null, a: [1, 2.5, 'ü'] })).toBe(sha256('{"a":[1,2.5,"ü"],"b":null}'));
    expect(contentHash({ a: [1, 2.5, 'ü'], b: null })).toBe(KNOWN);
  });

  it('tells apart what differs in value, type or order of a list', () => {
    const values = [{ a: 1 }, { a: '1' }, { a: true }, { a: null }, {}, { a: [1, 2] }, { a: [2, 1] }, [1]];
    expect(new Set(values.map(contentHash)).size).toBe(values.length);
  });

  it('passes over fields that are undefined, as JSON does', () => {
    expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
  });

  it('refuses what has no JSON', () => {
    expect(() => contentHash(undefined)).toThrow('expected a JSON value, got undefined');
    expect(() => contentHash({ a: Number.NaN })).toThrow('NaN');
  });
});

describe('sha256', () => {
  it('takes bytes, or the UTF-8 of a string', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('ü')).toBe(sha256(Uint8Array.from([0xc3, 0xbc])));
  });
});
