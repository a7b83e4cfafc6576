import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlflowServerError } from '../errors.ts';

/** Keeps a second server off a directory; what a dead process left is taken over. Returns the unlocking. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock');
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (cause) {
      const pid = holder(path);
      if (pid !== undefined && isAlive(pid))
        throw new MlflowServerError(
          'DIRECTORY_LOCKED',
          `expected ${directory} for ourselves, got a server with pid ${pid} on it`,
          { cause },
        );
      rmSync(path, { force: true });
    }
  }
}

function holder(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
