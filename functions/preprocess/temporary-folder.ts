import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../shared/hash.ts';

/** Of this process. */
const inUse = new Set<string>();

/**
 * Gives `work` a folder that is gone afterwards. What a process that was killed has left is removed first: its folder names the
 * host and the process, and no process of this host has that number any more.
 */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers();
  const folder = join(tmpdir(), `${ownPrefix()}${process.pid}-${randomUUID()}`);
  // Before it is there: another attempt in this process may be looking for what was left.
  inUse.add(folder);
  try {
    await mkdir(folder, { mode: 0o700 });
    return await work(folder);
  } finally {
    inUse.delete(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Containers may share the place for temporary files, and their processes have the same numbers. */
function ownPrefix(): string {
  return `flts-preprocess-${sha256(hostname()).slice(0, 8)}-`;
}

async function removeLeftovers(): Promise<void> {
  const prefix = ownPrefix();
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const folder = join(tmpdir(), name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!inUse.has(folder) && !runsElsewhere(pid)) await rm(folder, { recursive: true, force: true });
  }
}

/** Whether another process has this number. Ours holds no folder but those in use. */
function runsElsewhere(pid: number): boolean {
  if (pid === process.pid || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of somebody else's may not be asked, but is there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
