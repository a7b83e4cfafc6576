import { describe, expect, it } from 'vitest';
import { createTextCheck } from './text-check.ts';

function check(bytes: Uint8Array, chunkBytes: number): void {
  const checking = createTextCheck('dataset/x.csv');
  for (let start = 0; start < bytes.length; start += chunkBytes)
    checking.push(bytes.subarray(start, start + chunkBytes));
  checking.end();
}

describe('createTextCheck', () => {
  it.each([1, 2, 3, 7, 1000])('takes text whose characters are cut by chunks of %i bytes', (chunkBytes) => {
    expect(() => check(Buffer.from('größe,温度,😀\n1,2,3\n'), chunkBytes)).not.toThrow();
  });

  it.each([1, 2, 3, 7, 1000])(
    'names the first byte that cannot follow in chunks of %i bytes',
    (chunkBytes) => {
      const bytes = Buffer.concat([Buffer.from('größe\nü'), Buffer.from([0xc3, 0x28]), Buffer.from('é\n')]);

      expect(() => check(bytes, chunkBytes)).toThrow('at byte 11');
    },
  );

  it('refuses a character that is cut by the end', () => {
    expect(() => check(Buffer.from([0x61, 0xe6, 0xb8]), 10)).toThrow('invalid sequence');
  });

  it('refuses a line that never ends', () => {
    expect(() => check(new Uint8Array(3 << 20).fill(0x61), 1 << 16)).toThrow(
      'a line of more than 1048576 bytes',
    );
  });
});
