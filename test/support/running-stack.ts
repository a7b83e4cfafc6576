import type { S3Client } from '@aws-sdk/client-s3';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from './free-ports.ts';
import { emptyServices, noServices, realServices, s3Client } from './services.ts';

export const ROOT = new URL('../../', import.meta.url).pathname;

export interface StackOptions {
  /** Kept from a former stack, to start again on the same data and ports. */
  readonly former?: RunningStack;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningStack {
  readonly home: string;
  readonly ports: readonly number[];
  readonly url: string;
  readonly kafka: string;
  readonly mlflow: string;
  readonly s3: S3Client;
  readonly s3Endpoint: string;
  /** Headers of whoever has the admin token. */
  readonly admin: Readonly<Record<string, string>>;
  /** Everything printed so far, a line each. */
  readonly lines: readonly string[];
  /** Resolves with the first line (past or to come) that matches. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** Exit code; rejects never. */
  readonly exited: Promise<number | null>;
  /** Ctrl-C; resolves once the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL of the starter; the functions' process dies with it. */
  kill(): Promise<void>;
  /** Stops, and removes the data. */
  dispose(): Promise<void>;
}

/**
 * Runs what `npm start` runs, on free ports and a folder of its own, or on the real services of the environment,
 * emptied; resolves once it is ready.
 */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const home = options.former?.home ?? (await mkdtemp(join(tmpdir(), 'flts-test-')));
  const ports = options.former?.ports ?? (await freePorts(4));
  const [http, kafka, s3, mlflow] = ports;
  const real = realServices();
  if (real !== undefined && options.former === undefined) await emptyServices(real);
  const child = spawn(
    process.execPath,
    [join(ROOT, 'dist/localstack/start.js'), ...(options.arguments ?? ['--no-demo'])],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        ...(real === undefined ? noServices() : {}),
        FLTS_HOME: home,
        ADMIN_TOKEN: '',
        HTTP_PORT: String(http),
        KAFKA_PORT: String(kafka),
        S3_PORT: String(s3),
        MLFLOW_PORT: String(mlflow),
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = watchLines(child);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  const s3Endpoint = real?.s3 ?? `http://127.0.0.1:${s3}`;
  const failed = exited.then((code) =>
    Promise.reject(new Error(`expected the stack to come up, got exit ${code}:\n${output.lines.join('\n')}`)),
  );
  await Promise.race([output.line(/ready in/u), failed]);
  failed.catch(() => {});
  const token = (await readFile(join(home, 'admin-token'), 'utf8')).trim();
  return {
    home,
    ports,
    url: `http://127.0.0.1:${http}`,
    kafka: real?.kafka ?? `127.0.0.1:${kafka}`,
    mlflow: real?.mlflow ?? `http://127.0.0.1:${mlflow}`,
    s3: s3Client(s3Endpoint),
    s3Endpoint,
    admin: { authorization: `Bearer ${token}` },
    lines: output.lines,
    line: output.line,
    exited,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    dispose: async () => {
      await end('SIGINT');
      await rm(home, { recursive: true, force: true });
    },
  };
}

function watchLines(child: ChildProcess): { lines: string[]; line: (pattern: RegExp) => Promise<string> } {
  const lines: string[] = [];
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const each of waiting) if (each.pattern.test(line)) each.resolve(line);
    });
  }
  return {
    lines,
    line: (pattern) => {
      const past = lines.find((line) => pattern.test(line));
      return past === undefined
        ? new Promise((resolve) => waiting.push({ pattern, resolve }))
        : Promise.resolve(past);
    },
  };
}
