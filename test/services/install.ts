import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lastLine, NotInstalledError } from './errors.ts';

const COMPLETE = '.complete';

/** What is downloaded and built stays here, so that only the first run takes minutes. */
function cacheFolder(): string {
  const ofUser = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return process.env['SERVICES_CACHE'] || join(ofUser, 'flts-services');
}

/** The folder `name` (with its version) of the cache, filled by `fill` unless an earlier run has filled it. */
export async function installed(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await exists(join(folder, COMPLETE))) return folder;
  console.log(`${name}: installing into ${folder} (once) …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await fill(folder);
  await writeFile(join(folder, COMPLETE), '');
  return folder;
}

/** Runs an installer to its end. @throws NotInstalledError in one line */
export async function install(
  service: string,
  [command = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    const env = { ...process.env, ...environment };
    await promisify(execFile)(command, args, { env, maxBuffer: 64 * 1024 * 1024 });
  } catch (cause) {
    const { code, stderr, stdout } = Object(cause);
    const why =
      code === 'ENOENT' ? `${command} is not on the PATH` : lastLine(String(stderr || stdout || cause));
    throw new NotInstalledError(service, `can not be installed here: ${why}`, { cause });
  }
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
