import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StartError, type StartSettings } from './settings.ts';

const STOP_MS = 4000;
const READY_MS = 60_000;

export interface FunctionsProcess {
  readonly url: string;
  readonly logFile: string;
  /** Settles when the process ends on its own. */
  readonly ended: Promise<StartError>;
  /** Called with each log line of level warn or above. */
  onTrouble(listener: (line: Record<string, unknown>) => void): void;
  close(): Promise<void>;
}

/** Runs `sls offline start` with every function on its event sources; resolves once HTTP answers and all sources have joined. */
export async function startFunctions(
  settings: StartSettings,
  environment: Readonly<Record<string, string>>,
): Promise<FunctionsProcess> {
  const { http } = settings.ports;
  await assertFree(http);
  const logFile = join(settings.home, 'logs', 'functions.log');
  mkdirSync(dirname(logFile), { recursive: true });
  const child = spawnServerless(http, environment);
  const log = createWriteStream(logFile, { flags: 'a' });
  const listeners: ((line: Record<string, unknown>) => void)[] = [];
  let joined: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    joined = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (text) => {
      log.write(`${text}\n`);
      const line = parseLine(text);
      if (line['event'] === 'event_sources_ready') joined();
      if (isTrouble(line)) for (const listener of listeners) listener(line);
    });
  }
  const ended = new Promise<StartError>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(
        new StartError(
          'FUNCTIONS_ENDED',
          `expected the functions to run on, got exit ${code ?? signal}; see ${logFile}`,
        ),
      ),
    );
  });
  const functions: FunctionsProcess = {
    url: `http://127.0.0.1:${http}`,
    logFile,
    ended,
    onTrouble: (listener) => void listeners.push(listener),
    close: () => stop(child),
  };
  await Promise.race([
    Promise.all([ready, answering(functions.url)]),
    ended.then((error) => Promise.reject(error)),
    late(logFile),
  ]).catch(async (cause: unknown) => {
    await functions.close();
    throw cause;
  });
  return functions;
}

function spawnServerless(http: number, environment: Readonly<Record<string, string>>): ChildProcess {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const serverless = join(
    dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
    'bin',
    'serverless.js',
  );
  const guard = fileURLToPath(new URL('exit-with-parent.js', import.meta.url));
  return spawn(process.execPath, ['--import', guard, serverless, 'offline', 'start'], {
    cwd: root,
    env: {
      ...process.env,
      ...environment,
      HTTP_PORT: String(http),
      // The process lives on after an answer, so that no answer waits for its line to be recorded.
      RECORD_BEFORE_ANSWER: process.env['RECORD_BEFORE_ANSWER'] ?? '0',
      // Whoever reaches the loopback interface may forecast and upload, unless the environment says otherwise.
      PUBLIC_READS: process.env['PUBLIC_READS'] || '1',
      PUBLIC_UPLOADS: process.env['PUBLIC_UPLOADS'] || '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_TELEMETRY_DISABLED: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

async function assertFree(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(
        new StartError(
          'PORT_TAKEN',
          `expected port ${port} free, got ${cause.message}; set HTTP_PORT to another port`,
          { cause },
        ),
      ),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** Polls /healthz until the HTTP server answers. */
async function answering(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const ok = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function late(logFile: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(
      () =>
        reject(
          new StartError(
            'NOT_READY',
            `expected the functions ready within ${READY_MS / 1000} s, got silence; see ${logFile}`,
          ),
        ),
      READY_MS,
    ).unref();
  });
}

function parseLine(text: string): Record<string, unknown> {
  if (!text.includes('{')) return {};
  try {
    const json: unknown = JSON.parse(text.slice(text.indexOf('{')));
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

/** pino's levels: 40 is warn. */
function isTrouble(line: Record<string, unknown>): boolean {
  return typeof line['level'] === 'number' && line['level'] >= 40;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
