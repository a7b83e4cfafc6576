// Boots the real `sls offline` in the fixture service and reads what it prints.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Journal } from './journal.ts';

const fixture = fileURLToPath(new URL('fixture', import.meta.url));
const sls = join(
  dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
  'bin/serverless.js',
);

export interface Offline {
  /** Every line of both outputs. */
  readonly lines: Journal<string>;
  readonly url: string;
  readonly exited: Promise<number | null>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export async function startOffline(
  environment: Readonly<Record<string, string>>,
  command: readonly string[] = ['offline', 'start'],
): Promise<Offline> {
  const port = await freePort();
  const child = spawn(process.execPath, [sls, ...command], {
    cwd: fixture,
    env: { ...process.env, NODE_ENV: '', HTTP_PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new Journal<string>();
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => lines.add(line));
  }
  const exited = once(child, 'close').then(() => child.exitCode);
  return {
    lines,
    url: `http://127.0.0.1:${port}/dev`,
    exited,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** The structured lines among the output, of one event. */
export function eventLines(offline: Offline, event: string): Record<string, unknown>[] {
  return offline.lines.entries.filter((line) => line.includes(`"event":"${event}"`)).map(parse);
}

export function parse(line: string): Record<string, unknown> {
  return JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}
