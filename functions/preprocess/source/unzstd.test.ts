import { describe, expect, it } from 'vitest';
import { databaseFile } from '../testing/database-file.ts';
import { zstdFrame } from '../testing/zstd-frame.ts';
import { unzstd } from './unzstd.ts';

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function unpack(bytes: Uint8Array, length = bytes.length): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of unzstd(inPieces(bytes, length))) pieces.push(piece);
  return Buffer.concat(pieces);
}

const skippable = Buffer.concat([Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);

describe('unzstd', () => {
  it('unpacks what the reference library packed, megabytes of it, however the bytes come apart', async () => {
    const select = "SELECT range AS row, md5(range::VARCHAR) AS text, 'load' AS word FROM range(60000)";
    const [text, packed] = [
      await databaseFile(select, 'FORMAT csv'),
      await databaseFile(select, 'FORMAT csv, COMPRESSION zstd'),
    ];

    expect(packed.length).toBeLessThan(text.length * 0.8);
    expect((await unpack(packed)).equals(text)).toBe(true);
    expect((await unpack(packed, 1021)).equals(text)).toBe(true);
  });

  it('unpacks frame after frame, and goes over those that hold data for others', async () => {
    const bytes = Buffer.concat([zstdFrame(['a,b\n', '1,2\n']), skippable, zstdFrame(['3,4\n']), skippable]);

    expect((await unpack(bytes, 1)).toString()).toBe('a,b\n1,2\n3,4\n');
  });

  it('unpacks thousands of small frames', async () => {
    const bytes = Buffer.concat(Array.from({ length: 20_000 }, () => zstdFrame(['1\n'])));

    expect((await unpack(bytes)).length).toBe(40_000);
  });

  it('hands over a block at a time, however much a frame unpacks to', async () => {
    const times = 128 * 1024;
    const bomb = zstdFrame(Array.from({ length: 1000 }, () => ({ byte: '\n', times })));
    const lengths = new Set<number>();
    for await (const piece of unzstd(inPieces(bomb, bomb.length))) lengths.add(piece.length);

    expect(Math.max(...lengths)).toBe(times);
  });

  it.each([
    ['an end within a header', zstdFrame(['1,2\n']).subarray(0, 5), 'an end within a frame'],
    ['an end within a block', zstdFrame(['1,2\n']).subarray(0, -2), 'an end within a frame'],
    ['an end after a block that is not the last', zstdFrame(['1', '2']).subarray(0, 10), 'an end within'],
    ['other bytes after a frame', Buffer.concat([zstdFrame(['1']), Buffer.from('2,3\n')]), 'begin no frame'],
    ['a window of 64 MiB', zstdFrame(['1'], 26), 'a window of 67108864 bytes'],
    ['a dictionary', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 0x38, 7, 1, 0, 0]), 'dictionary'],
    ['a block of a kind to come', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, 7, 0, 0]), 'no known kind'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(unpack(bytes)).rejects.toMatchObject({
      name: 'ZstdError',
      message: expect.stringContaining(message),
    });
  });
});
