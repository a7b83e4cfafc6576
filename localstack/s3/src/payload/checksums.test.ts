import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDigest } from './checksums.ts';

// The check value of each algorithm's specification is that of these nine digits.
const DIGITS = '123456789';

describe('checksums', () => {
  it('are those of their specifications', () => {
    const hexOf = (name: 'crc32' | 'crc32c' | 'sha1' | 'md5'): string => {
      const digest = createDigest(name);
      digest.update(Buffer.from('1234'));
      digest.update(Buffer.from('56789'));
      return digest.digest().toString('hex');
    };
    expect(hexOf('crc32')).toBe('cbf43926');
    expect(hexOf('crc32c')).toBe('e3069283');
    expect(hexOf('sha1')).toBe(createHash('sha1').update(DIGITS).digest('hex'));
  });
});
