// PostgreSQL, from the system's own package; as root it runs as that package's user.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { delimiter, join } from 'node:path';
import { NotInstalledError } from './errors.ts';
import { exists } from './install.ts';
import { launch, type ServiceProcess } from './service-process.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The folder of initdb and postgres. */
export async function findPostgres(): Promise<string> {
  const versions = (await exists(DEBIAN))
    ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  for (const folder of folders) {
    const programs = [join(folder, 'initdb'), join(folder, 'postgres')];
    if ((await Promise.all(programs.map(exists))).every(Boolean)) return folder;
  }
  throw new NotInstalledError(
    'postgres',
    'expected initdb and postgres on the PATH, got none: apt-get install postgresql-15',
  );
}

export interface PostgresStart {
  readonly programs: string;
  readonly folder: string;
  readonly port: number;
}

/** A fresh cluster whose only user is flts, without a password. */
export async function startPostgres({ programs, folder, port }: PostgresStart): Promise<ServiceProcess> {
  const user = serverUser();
  await mkdir(folder, { recursive: true });
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'flts', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(programs, 'initdb'), initdb, { cwd: folder, stdio: 'pipe', ...user });
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', `port=${port}`];
  return launch({
    name: 'postgres',
    folder,
    command: [join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    ...(user === undefined ? {} : { user }),
    ready: () => accepts(port),
    // "Fast": it does not wait for its clients to leave.
    stopSignal: 'SIGINT',
  });
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
