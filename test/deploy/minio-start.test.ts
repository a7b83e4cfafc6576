import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let programs: string;

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'flts-minio-start-'));
});
afterAll(() => rm(programs, { recursive: true, force: true }));

const program = (name: string, body: string): Promise<void> =>
  writeFile(join(programs, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

it('ends with an error once the server has ended, although mc waits for a server for ever', async () => {
  await program('minio', 'exit 3');
  await program('mc', 'exec sleep 600');
  const started = spawn('sh', ['deploy/minio/start.sh'], {
    env: { PATH: [programs, process.env['PATH'] ?? ''].join(delimiter), BUCKETS: 'one' },
    stdio: 'ignore',
    detached: true,
  });
  try {
    expect(await once(started, 'close', { signal: AbortSignal.timeout(15_000) })).toEqual([1, null]);
  } finally {
    killGroup(started.pid);
  }
});

/** What it has started as well. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}
