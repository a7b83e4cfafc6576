import { fstatSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWriteBehind, type WriteBehind } from './write-behind.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-behind-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function written(behind: WriteBehind): Promise<void> {
  while (behind.isBusy()) await setImmediate();
}

describe('writing behind', () => {
  it('takes one array at a time, and another once that is written', async () => {
    const file = join(folder, 'x');
    const behind = createWriteBehind(openSync(file, 'w'));
    const values = Float64Array.of(1, 2, 3);

    expect([behind.begin(values, 0), behind.begin(values, 24)]).toEqual([true, false]);
    await written(behind);
    expect(behind.begin(Float64Array.of(4), 24)).toBe(true);
    await written(behind);
    expect(await readFile(file)).toEqual(Buffer.from(Float64Array.of(1, 2, 3, 4).buffer));
    behind.close();
  });

  it('fails the next time with what writing failed with', async () => {
    const file = join(folder, 'x');
    await writeFile(file, '');
    const readOnly = createWriteBehind(openSync(file, 'r'));
    readOnly.begin(Float64Array.of(1), 0);
    await written(readOnly);

    expect(() => readOnly.check()).toThrow('EBADF');
    expect(() => readOnly.begin(Float64Array.of(1), 0)).toThrow('EBADF');
    readOnly.close();
  });

  it('keeps its file open until what it has begun is written', async () => {
    const file = join(folder, 'x');
    const descriptor = openSync(file, 'w');
    const behind = createWriteBehind(descriptor);
    behind.begin(new Float64Array(1 << 22).fill(7), 0);
    behind.close();

    while (behind.isBusy()) {
      expect(fstatSync(descriptor).isFile()).toBe(true);
      await setImmediate();
    }
    const bytes = Buffer.from(new Float64Array(1 << 22).fill(7).buffer);
    expect(bytes.equals(await readFile(file))).toBe(true);
  });
});
