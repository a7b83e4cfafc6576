import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { sha256 } from '../shared/hash.ts';

/**
 * Gives `work` a folder that is gone afterwards. What a process that was killed has left is removed first: its folder names the
 * host, the process and when that began, and no such process goes on.
 */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${ownPrefix()}${process.pid}-${startOfProcess()}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Containers may share the place for temporary files, and their processes have the same numbers. */
function ownPrefix(): string {
  return `flts-preprocess-${sha256(hostname()).slice(0, 8)}-`;
}

/** Epoch ms, the same in all threads of a process: attempts in other threads are not to be disturbed. */
function startOfProcess(): number {
  return Math.round(performance.timeOrigin);
}

async function removeLeftovers(): Promise<void> {
  const prefix = ownPrefix();
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const [pid = NaN, start = NaN] = name.slice(prefix.length).split('-', 2).map(Number);
    const goesOn = pid === process.pid ? start === startOfProcess() : runsElsewhere(pid);
    if (!goesOn) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Whether a process has this number. */
function runsElsewhere(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of somebody else's may not be asked, but is there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
