// The four services together: installed, started in an order in which each finds what it needs, stopped in reverse. Those
// that run already are left alone.
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import { s3Client } from '../support/services.ts';
import { installKafka, startKafka } from './kafka.ts';
import { installMinio, startMinio } from './minio.ts';
import { installMlflow, startMlflow } from './mlflow.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import type { RunningServices } from './running.ts';
import { stopLaunched, type ServiceProcess } from './service-process.ts';

/** Where the programs are; that of PostgreSQL is '' where it runs already. */
export interface Installed {
  readonly kafka: string;
  readonly minio: string;
  readonly postgres: string;
  readonly mlflow: string;
}

export interface Services {
  /** What clients and tests need to reach them. */
  readonly environment: Readonly<Record<string, string>>;
  /** The end of each service's log. */
  logs(): string;
}

const folders: string[] = [];
/** One stop for all who ask: a signal, and the end of what it interrupted. */
let stopping: Promise<void> | undefined;

/** All four. @throws AggregateError of a NotInstalledError for each that this machine can not have */
export async function installServices(running: RunningServices): Promise<Installed> {
  const outcomes = await Promise.allSettled([
    installKafka(),
    installMinio(),
    running.postgres === undefined ? findPostgres() : '',
    installMlflow(),
  ]);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  );
  if (failures.length > 0)
    throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
  const [kafka = '', minio = '', postgres = '', mlflow = ''] = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : '',
  );
  return { kafka, minio, postgres, mlflow };
}

/** Their data is new, in folders of the temporary one. */
export async function startServices(programs: Installed, running: RunningServices): Promise<Services> {
  for (const name of ['services', 'postgres']) folders.push(await mkdtemp(join(tmpdir(), `flts-${name}-`)));
  const started: ServiceProcess[] = [];
  const environment = await startInOrder(programs, running, started);
  return { environment, logs: () => started.map(endOfLog).join('\n') };
}

/** Ends the processes that were started, ready or not, and removes their data. */
export function stopServices(): Promise<void> {
  stopping ??= stopLaunched().then(removeFolders);
  return stopping;
}

async function removeFolders(): Promise<void> {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

async function startInOrder(
  programs: Installed,
  running: RunningServices,
  started: ServiceProcess[],
): Promise<Record<string, string>> {
  const [folder = '', postgresFolder = ''] = folders;
  const [broker = 0, controller = 0, s3 = 0, postgres = 0, tracking = 0] = await freePorts(5);
  const up = async (starting: Promise<ServiceProcess>): Promise<void> => void started.push(await starting);
  const kafkaAddress = running.kafka ?? `127.0.0.1:${broker}`;
  const postgresUri = running.postgres ?? `postgresql://flts@127.0.0.1:${postgres}/postgres`;
  const s3Address = `http://127.0.0.1:${s3}`;
  if (running.kafka === undefined)
    await up(
      startKafka({ jars: programs.kafka, folder: join(folder, 'kafka'), ports: [broker, controller] }),
    );
  await up(
    startMinio({ program: programs.minio, folder: join(folder, 'minio'), port: s3, kafka: kafkaAddress }),
  );
  await createArtifactBucket(s3Address);
  if (running.postgres === undefined)
    await up(startPostgres({ programs: programs.postgres, folder: postgresFolder, port: postgres }));
  await up(
    startMlflow({
      programs: programs.mlflow,
      folder: join(folder, 'mlflow'),
      port: tracking,
      postgres: postgresUri,
      s3: s3Address,
    }),
  );
  return {
    KAFKA_BOOTSTRAP_SERVERS: kafkaAddress,
    AWS_ENDPOINT_URL_S3: s3Address,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${tracking}`,
  };
}

/** MLflow's own, which it does not make itself. */
async function createArtifactBucket(endpoint: string): Promise<void> {
  const client = s3Client(endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'mlflow' }));
  client.destroy();
}

function endOfLog({ name, log }: ServiceProcess): string {
  return `--- ${name}\n${log().split('\n').slice(-12).join('\n')}`;
}
