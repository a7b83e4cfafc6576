// One server a directory: a lock file that names its holder's process. That of a dead process is taken over.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoOf, S3ServerError } from '../errors.ts';
import { unlinkIfPresent } from './durable.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Directories held by this very process: in a container a dead holder's process id may be our own. */
const heldHere = new Set<string>();

/** @throws S3ServerError DIRECTORY_LOCKED */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(resolve(directory), 'lock');
  if (heldHere.has(path)) locked(directory, process.pid);
  heldHere.add(path);
  try {
    await acquire(path, directory);
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  return {
    release: async () => {
      await unlinkIfPresent(path);
      heldHere.delete(path);
    },
  };
}

async function acquire(path: string, directory: string): Promise<void> {
  const mine = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, started: processStart(process.pid) }));
  try {
    // A link appears with its whole content, and fails where there is one already.
    while (!(await linkNew(mine, path))) await removeDeadLock(path, directory);
  } finally {
    await unlink(mine);
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeDeadLock(path: string, directory: string): Promise<void> {
  const text = await readIfPresent(path);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder !== undefined && isAlive(holder)) locked(directory, holder.pid);
  const aside = `${path}.dead.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  // Between reading and renaming another server may have taken over: then it keeps the lock.
  const taken = await readFile(aside, 'utf8');
  if (taken !== text) await linkNew(aside, path);
  await unlink(aside);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('started' in parsed))
      return undefined;
    const { pid, started } = parsed;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  return processStart(pid) === started;
}

/** When the process began, in the kernel's ticks, so that a process id used again is not mistaken; '' elsewhere. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function locked(directory: string, pid: number): never {
  throw new S3ServerError(
    'DIRECTORY_LOCKED',
    `expected ${directory} to be free, got a server of process ${pid} using it`,
  );
}
