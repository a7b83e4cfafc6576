import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { MlflowServerError } from '../errors.ts';

/** Directories held by this very process: in a container a dead holder's process id may be our own. */
const heldHere = new Set<string>();

/**
 * Keeps a second server off a directory; what a dead process left is taken over. Returns the unlocking.
 * @throws MlflowServerError DIRECTORY_LOCKED
 */
export function lockDirectory(directory: string): () => void {
  const path = join(resolve(directory), 'lock');
  if (heldHere.has(path)) throw locked(directory, process.pid);
  const mine = `${path}.${randomUUID()}`;
  writeFileSync(mine, `${process.pid} ${processStart(process.pid)}`);
  try {
    // A link appears with its whole content, and fails where there is one already.
    while (!linked(mine, path)) removeDead(path, directory);
  } finally {
    rmSync(mine, { force: true });
  }
  heldHere.add(path);
  return () => {
    rmSync(path, { force: true });
    heldHere.delete(path);
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}

function removeDead(path: string, directory: string): void {
  const text = readText(path);
  const [pid = 0, started = ''] = text.split(' ');
  if (isAlive(Number(pid), started)) throw locked(directory, Number(pid));
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Between reading and renaming another process may have taken over: then it keeps the lock.
  if (readText(aside) !== text) linked(aside, path);
  rmSync(aside, { force: true });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ESRCH') return false;
  }
  return processStart(pid) === started;
}

/** When a process began, in the kernel's ticks, so that a process id used again is not mistaken; '' elsewhere. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie only waits for its parent to look.
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

function locked(directory: string, pid: number): MlflowServerError {
  return new MlflowServerError(
    'DIRECTORY_LOCKED',
    `expected ${directory} for ourselves, got a server with pid ${pid} on it`,
  );
}
