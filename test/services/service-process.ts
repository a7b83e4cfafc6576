// A service as a process (group) of its own: started, waited for, and stopped by its id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Those that have been started and have not ended, the last one last. */
const alive: ServiceProcess[] = [];

const READY_MS = 180_000;
const STOP_MS = 15_000;

export interface Launch {
  readonly name: string;
  readonly command: readonly string[];
  /** Its working folder, where its log goes as well. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The user that it runs as; default: our own. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly ready: () => Promise<boolean>;
  /** What asks it to end; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface ServiceProcess {
  readonly name: string;
  readonly log: () => string;
  stop(): Promise<void>;
}

/** Resolves once it is ready. @throws Error with the end of its log, where it ends before that or takes too long */
export async function launch(options: Launch): Promise<ServiceProcess> {
  const { name, folder, stopSignal = 'SIGTERM' } = options;
  const logFile = join(folder, `${name}.log`);
  const output = openSync(logFile, 'a');
  const [command = '', ...args] = options.command;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', output, output],
    detached: true,
    ...options.user,
  });
  const exited = once(child, 'exit').then(() => true);
  const log = (): string => readFileSync(logFile, 'utf8');
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(stopSignal);
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  };
  const service = { name, log, stop };
  alive.push(service);
  const ended = exited.then(() => alive.splice(alive.indexOf(service), 1)).then(() => false);
  if (await Promise.race([becomes(options.ready), ended])) return service;
  await stop();
  throw new Error(`${name}: expected it to come up, got\n${log().split('\n').slice(-15).join('\n')}`);
}

/** Ends what `launch` has started, also what is not ready yet, the last one first. */
export async function stopLaunched(): Promise<void> {
  for (const service of alive.toReversed()) await service.stop();
}

async function becomes(ready: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (await ready().catch(() => false)) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}
