// The server as a process of its own, to be killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Built by `npm run build`, which `npm test` runs first. */
const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface ChildServer {
  readonly uri: string;
  /** Ends it at once and waits until it is gone. */
  kill(): Promise<void>;
}

export async function startChild(args: readonly string[]): Promise<ChildServer> {
  if (!existsSync(CLI)) throw new Error(`expected ${CLI}, got nothing: run npm run build`);
  const child = spawn(process.execPath, [CLI, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const uri = await Promise.race([readyUri(child), exited.then(() => undefined)]);
  if (uri === undefined) throw new Error('expected a ready line, got the end of the process');
  return {
    uri,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function readyUri({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  const [line]: unknown[] = await once(createInterface(stdout), 'line');
  return /http:\S+\d/u.exec(String(line))?.[0];
}
