// MLflow's tracking server, in a virtual environment: runs in PostgreSQL, artifacts through itself in MinIO.
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { install, installed } from './install.ts';
import { answers, launch, type ServiceProcess } from './service-process.ts';

const VERSION = '3.17.2';
export const PACKAGES = [`mlflow==${VERSION}`, 'psycopg2-binary==2.9.13', 'boto3==1.44.8'];

/** The folder of python and mlflow. */
export async function installMlflow(): Promise<string> {
  const folder = await installed(`mlflow-${VERSION}`, async (into) => {
    await install('mlflow', ['python3', '-m', 'venv', into]);
    await install('mlflow', [join(into, 'bin', 'pip'), 'install', '-q', ...PACKAGES]);
  });
  return join(folder, 'bin');
}

export interface MlflowStart {
  readonly programs: string;
  readonly folder: string;
  readonly port: number;
  /** `postgresql://…` */
  readonly postgres: string;
  readonly s3: string;
}

export async function startMlflow(start: MlflowStart): Promise<ServiceProcess> {
  await mkdir(start.folder, { recursive: true });
  const store = start.postgres.replace(/^postgresql:/u, 'postgresql+psycopg2:');
  const stores = [
    '--backend-store-uri',
    store,
    '--serve-artifacts',
    '--artifacts-destination',
    's3://mlflow',
  ];
  const listen = ['--host', '127.0.0.1', '--port', String(start.port), '--workers', '1'];
  return launch({
    name: 'mlflow',
    folder: start.folder,
    command: [join(start.programs, 'mlflow'), 'server', ...stores, ...listen],
    environment: {
      MLFLOW_S3_ENDPOINT_URL: start.s3,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
      AWS_REGION: 'us-east-1',
    },
    ready: () => answers(`http://127.0.0.1:${start.port}/health`),
  });
}
