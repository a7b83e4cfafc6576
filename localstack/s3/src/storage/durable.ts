// File operations that survive a crash: synced before they are named, named by a rename.
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../errors.ts';

/** Makes renames and removals in that directory last beyond a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a synced file in its place, over whatever is there. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Replaces a small file as a whole: readers see the old or the new text, also after a crash. */
export async function writeFileDurably(
  path: string,
  text: string,
  temporaryDirectory: string,
): Promise<void> {
  const temporary = temporaryPath(temporaryDirectory);
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await renameDurably(temporary, path);
}

export function temporaryPath(temporaryDirectory: string): string {
  return join(temporaryDirectory, randomBytes(12).toString('hex'));
}

/** Whether there was a file to remove. */
export async function unlinkIfPresent(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** What an earlier run left unfinished is of no use to anyone. */
export async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true });
}
