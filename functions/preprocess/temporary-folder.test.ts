import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inTemporaryFolder } from './temporary-folder.ts';

let place = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'flts-place-'));
  vi.stubEnv('TMPDIR', place);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(place, { recursive: true, force: true });
});

/** The name that a folder of process `pid` would have. */
async function nameFor(pid: number): Promise<string> {
  const own = await inTemporaryFolder(async (folder) => basename(folder));
  return own.replace(`-${process.pid}-`, `-${pid}-`);
}

async function leave(name: string): Promise<void> {
  await mkdir(join(place, name));
  await writeFile(join(place, name, 'train.csv'), 'time,a\n');
}

describe('inTemporaryFolder', () => {
  it('leaves nothing, whether the work succeeds or fails', async () => {
    await expect(
      inTemporaryFolder(async (folder) => {
        await writeFile(join(folder, 'x'), 'x');
        throw new Error('no space left');
      }),
    ).rejects.toThrow('no space left');

    expect(await readdir(place)).toEqual([]);
  });

  it('removes what a killed process has left, and what one of the same number as ours has', async () => {
    const killed = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(killed, 'spawn');
    const pid = killed.pid ?? 0;
    await leave(await nameFor(pid));
    await leave((await nameFor(process.pid)).replace(/-\d{13}-/u, '-1000000000000-'));
    killed.kill('SIGKILL');
    await once(killed, 'exit');

    await inTemporaryFolder(async (folder) => expect(await readdir(place)).toEqual([basename(folder)]));
  });

  it('leaves the folders of work that goes on, here, in another process and on another host', async () => {
    const other = await nameFor(process.ppid);
    const elsewhere = 'flts-preprocess-00000000-999999-aaaaaa';
    await leave(other);
    await leave(elsewhere);

    await inTemporaryFolder(async (first) => {
      await inTemporaryFolder(async (second) => {
        const expected = [basename(first), basename(second), elsewhere, other];
        expect((await readdir(place)).toSorted()).toEqual(expected.toSorted());
      });
      expect(await readdir(place)).toContain(basename(first));
    });
  });

  it('leaves the folder of another thread, which has loaded this module for itself', async () => {
    vi.resetModules();
    const inThread = await import('./temporary-folder.ts');

    await inTemporaryFolder(async (folder) => {
      await inThread.inTemporaryFolder(async () => {});
      expect(await readdir(place)).toEqual([basename(folder)]);
    });
  });
});
