import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './running-stack.ts';

export interface Ended {
  /** Exit code where the process ended; null where it was killed, or is still there. */
  readonly code: number | null;
  readonly killed: boolean;
  /** What the handler returned. */
  readonly result: unknown;
  readonly log: string;
}

export interface Limits {
  /** The process is killed after them, as a function past its limit is. Default: two minutes. */
  readonly timeoutMs?: number;
  /** Whether the stage is told that no time remains. */
  readonly isHurried?: boolean;
}

/** A process that has loaded, or is loading, a stage's handler. */
export interface Instance {
  readonly process: ChildProcess;
  /** Hands over an event; resolves with what came of it, also where the process dies over it. */
  deliver(eventFile: string, limits?: Limits): Promise<Ended>;
}

export interface Instances {
  /** `fresh`: one that has handled nothing yet; else one that may have. */
  take(stage: string, environment: Readonly<Record<string, string>>, fresh: boolean): Instance;
  /** Gives an instance back once it is idle. */
  giveBack(instance: Instance): void;
  close(): Promise<void>;
}

/**
 * Loading takes most of a delivery's time: used instances are kept, and a fresh one loads while others work.
 * `root` has dist/functions in it.
 */
export function createInstances(root: string = ROOT): Instances {
  const idle = new Map<string, Instance[]>();
  const spare = new Map<string, Instance>();
  const keys = new Map<Instance, string>();
  const start = (key: string, stage: string, environment: Readonly<Record<string, string>>): Instance => {
    const instance = startInstance(root, stage, environment);
    keys.set(instance, key);
    instance.process.once('close', () => keys.delete(instance));
    return instance;
  };
  return {
    take: (stage, environment, fresh) => {
      const key = JSON.stringify([stage, environment]);
      const used = fresh ? undefined : idle.get(key)?.pop();
      if (used !== undefined) return used;
      const instance = spare.get(key) ?? start(key, stage, environment);
      spare.set(key, start(key, stage, environment));
      return instance;
    },
    giveBack: (instance) => {
      const key = keys.get(instance);
      if (key !== undefined) idle.set(key, [...(idle.get(key) ?? []), instance]);
    },
    close: async () => {
      const all = [...keys.keys()].map(({ process }) => process);
      const gone = all.map((child) => new Promise((resolve) => child.once('close', resolve)));
      for (const child of all) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}

function startInstance(root: string, stage: string, environment: Readonly<Record<string, string>>): Instance {
  const handler = join(root, 'dist/functions', stage, 'handler.js');
  const child = spawn(process.execPath, [join(ROOT, 'test/support/invoke.mjs'), handler], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const answers = createInterface({ input: child.stdout });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) =>
      resolve({ code, killed: signal === 'SIGKILL', result: undefined, log }),
    ),
  );
  return {
    process: child,
    deliver: async (eventFile, { timeoutMs = 120_000, isHurried = false } = {}) => {
      log = '';
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const answered = new Promise<Ended>((resolve) =>
        answers.once('line', (line) => resolve({ code: null, killed: false, result: JSON.parse(line), log })),
      );
      child.stdin.write(`${JSON.stringify({ eventFile, timeoutMs, isHurried })}\n`);
      try {
        return await Promise.race([answered, ended]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
