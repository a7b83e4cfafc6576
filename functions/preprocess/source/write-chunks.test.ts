import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeChunks } from './write-chunks.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-chunks-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function* chunksOf(bytes: Buffer, length: number, last?: Error): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
  if (last !== undefined) throw last;
}

describe('chunks', () => {
  it.each([0, 1000, 1 << 20, 3_500_000])(
    'of %i bytes in all are the file, in their order',
    async (length) => {
      const bytes = Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251));
      await writeChunks(join(folder, 'x'), chunksOf(bytes, 70_001));

      expect(bytes.equals(await readFile(join(folder, 'x')))).toBe(true);
    },
  );

  it('take the place of a file that was there', async () => {
    await writeChunks(join(folder, 'x'), chunksOf(Buffer.alloc(9), 4));
    await writeChunks(join(folder, 'x'), chunksOf(Buffer.from('new'), 4));

    expect(await readFile(join(folder, 'x'), 'utf8')).toBe('new');
  });

  it('fail with what their source fails with, or the file', async () => {
    const broken = new Error('no more');
    await expect(
      writeChunks(join(folder, 'x'), chunksOf(Buffer.alloc(3_000_000), 70_001, broken)),
    ).rejects.toBe(broken);
    await expect(writeChunks(join(folder, 'none', 'x'), chunksOf(Buffer.alloc(9), 4))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('fail where the disk is full', async () => {
    await expect(writeChunks('/dev/full', chunksOf(Buffer.alloc(3_000_000), 70_001))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
  });
});
