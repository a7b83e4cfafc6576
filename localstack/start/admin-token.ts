import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface AdminToken {
  readonly token: string;
  /** Where it lies: a file that its owner alone can read, or the variable. */
  readonly place: string;
  /** What a shell puts it into a command by. */
  readonly shell: string;
}

export interface TokenOptions {
  readonly home: string;
  readonly rotateToken?: boolean;
  /** Of the environment, where it is set: it counts, and no file is made. */
  readonly given?: string | undefined;
}

/**
 * The token that the functions ask of who changes more than a forecast or an upload: made once in `home`, and anew with
 * `rotateToken` or where its file was deleted or is empty.
 */
export function adminToken({ home, rotateToken = false, given }: TokenOptions): AdminToken {
  if (given) return { token: given, place: 'ADMIN_TOKEN', shell: '$ADMIN_TOKEN' };
  const file = join(home, 'admin-token');
  if (rotateToken) rmSync(file, { force: true });
  const token = keptToken(file) ?? newToken(home, file);
  const local = relative(process.cwd(), file);
  const place = local.startsWith('..') ? file : local;
  return { token, place, shell: `$(cat ${place})` };
}

function newToken(home: string, file: string): string {
  const token = randomBytes(32).toString('base64url');
  mkdirSync(home, { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}

function keptToken(file: string): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim();
    // It may have been copied there, for everyone to read.
    chmodSync(file, 0o600);
    return token || undefined;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
