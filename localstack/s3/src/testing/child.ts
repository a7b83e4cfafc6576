// The server as a process of its own, to be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterTest, BUCKET } from './server.ts';

/** Built by `npm run build`, which `npm test` runs first. */
const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface ChildServer {
  readonly endpoint: string;
  readonly readyLine: string;
  /** Ends it at once and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end; its exit code. */
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

export interface ExitedChild {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function spawnCli(args: readonly string[]): ChildProcess {
  if (!existsSync(CLI)) throw new Error(`expected ${CLI}, got nothing: run npm run build`);
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  afterTest(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

export async function startChildServer(
  directory: string,
  args: readonly string[] = [],
): Promise<ChildServer> {
  const child = spawnCli(['--port', '0', '--dir', directory, '--bucket', BUCKET, ...args]);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes');
  stderr.resume();
  const exited = once(child, 'exit');
  const [readyLine]: unknown[] = await Promise.race([once(createInterface(stdout), 'line'), exited]);
  const endpoint = /http:\S+\d/.exec(String(readyLine))?.[0];
  if (endpoint === undefined) throw new Error(`expected a ready line, got ${String(readyLine)}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return { endpoint, readyLine: String(readyLine), kill: async () => void (await end('SIGKILL')), stop: end };
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[]): Promise<ExitedChild> {
  const child = spawnCli(args);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}
