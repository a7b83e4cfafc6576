import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadHandler } from './load-handler.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handlers-'));
  await writeFile(
    join(folder, 'module.mjs'),
    'export const handler = () => 1; export const group = { inner: () => 2 };',
  );
  await writeFile(join(folder, 'common.cjs'), 'const made = { handler: () => 3 }; module.exports = made;');
  await writeFile(join(folder, 'broken.mjs'), "throw new Error('at load');");
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const load = async (handler: string) => (await loadHandler(join(folder, handler)))(null, {}, () => {});

describe('loadHandler', () => {
  it('finds exports of ES and CommonJS modules, nested ones as well', async () => {
    expect(await load('module.handler')).toBe(1);
    expect(await load('module.group.inner')).toBe(2);
    expect(await load('common.handler')).toBe(3);
  });

  it('says what it expected where there is no such module or export', async () => {
    await expect(load('nothing.handler')).rejects.toMatchObject({
      code: 'HANDLER_NOT_FOUND',
      message: expect.stringContaining(join(folder, 'nothing')),
    });
    await expect(load('module.nothing')).rejects.toThrow('to export the function nothing');
    await expect(load('module')).rejects.toMatchObject({ code: 'HANDLER_NOT_FOUND' });
  });

  it('throws what the module throws while it loads', async () => {
    await expect(load('broken.handler')).rejects.toThrow('at load');
  });
});
