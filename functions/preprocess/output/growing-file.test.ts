import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGrowingFile } from './growing-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-growing-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of bytes) text += Buffer.from(piece).toString();
  return text;
}

describe('a growing file', () => {
  it('gives its bytes as they are written, from before it is there until it is whole', async () => {
    const file = join(folder, 'a');
    const growing = createGrowingFile(file);
    const pieces = growing.bytes[Symbol.asyncIterator]();
    const next = async (): Promise<string> => `${Buffer.from((await pieces.next()).value ?? []).toString()}`;

    const first = next();
    growing.grown();
    await writeFile(file, 'one ');
    growing.grown();
    expect(await first).toBe('one ');

    const second = next();
    await appendFile(file, 'two');
    growing.grown();
    expect(await second).toBe('two');

    const third = pieces.next();
    growing.ended();
    expect(await third).toMatchObject({ done: true });
  });

  it('gives all of one that was whole before it was read, longer than a piece', async () => {
    const file = join(folder, 'b');
    const text = 'ab'.repeat(700_000);
    await writeFile(file, text);
    const growing = createGrowingFile(file);
    growing.ended();

    expect((await textOf(growing.bytes)) === text).toBe(true);
  });

  it('fails with the reason why it will never be whole', async () => {
    const file = join(folder, 'c');
    const growing = createGrowingFile(file);
    const read = textOf(growing.bytes);
    growing.failed(new Error('disk full'));

    await expect(read).rejects.toThrow('disk full');
  });
});
