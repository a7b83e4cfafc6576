// The broker as a process of its own, to be killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Built by `npm run build`, which `npm test` runs first. */
const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface ChildBroker {
  readonly port: number;
  /** Ends it at once and waits until it is gone. */
  kill(): Promise<void>;
}

export async function startChild(
  directory: string,
  port = 0,
  further: readonly string[] = [],
): Promise<ChildBroker> {
  if (!existsSync(CLI)) throw new Error(`expected ${CLI}, got nothing: run npm run build`);
  const args = [CLI, '--port', String(port), '--dir', directory, ...further];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const bound = await Promise.race([readyPort(child), exited.then(() => undefined)]);
  if (bound === undefined) throw new Error('expected a ready line, got the end of the process');
  return {
    port: bound,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function readyPort({ stdout }: ChildProcess): Promise<number | undefined> {
  if (stdout === null) return undefined;
  const [line]: unknown[] = await once(createInterface(stdout), 'line');
  const port = /ready at [^:]+:(\d+)/u.exec(String(line))?.[1];
  return port === undefined ? undefined : Number(port);
}
