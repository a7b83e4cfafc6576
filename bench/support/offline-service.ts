import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../../test/support/free-ports.ts';

const FOLDER = join('bench', 'events');

/** `sls offline` in bench/events, in a process of its own as everywhere. */
export interface OfflineService {
  /** The JSON behind `word` in the next line that begins with it. @throws Error where the process ends before */
  next(word: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Resolves once every mapping has joined its group. */
export async function startOffline(bootstrapServers: string): Promise<OfflineService> {
  const [port = 0] = await freePorts(1);
  const serverless = join(
    dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
    'bin/serverless.js',
  );
  const child = spawn(process.execPath, [serverless, 'offline', 'start'], {
    cwd: FOLDER,
    env: {
      ...process.env,
      KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
      HTTP_PORT: String(port),
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_TELEMETRY_DISABLED: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    errors.on('line', (line) => line.includes('event_sources_ready') && resolve());
    child.once('exit', () => reject(new Error('expected sls offline to become ready, got its end')));
  });
  return {
    async next(word) {
      for (;;) {
        const { done, value: line } = await output.next();
        if (done === true) throw new Error(`expected ${word} from sls offline, got its end`);
        if (line.startsWith(`${word} `)) return JSON.parse(line.slice(word.length));
      }
    },
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
