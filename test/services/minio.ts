// MinIO, built from its own module; it notifies a topic of Kafka.
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { install, installed } from './install.ts';
import { answers, launch, type ServiceProcess } from './service-process.ts';

const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';

/** The program. Building it takes minutes. */
export async function installMinio(): Promise<string> {
  const folder = await installed(`minio-${VERSION}`, (into) =>
    install('minio', ['go', 'install', `github.com/minio/minio@${VERSION}`], { GOBIN: into }),
  );
  return join(folder, 'minio');
}

export interface MinioStart {
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly kafka: string;
}

/** Its target is `arn:minio:sqs::flts:kafka`; its credentials are those of the stand-in. */
export async function startMinio({ program, folder, port, kafka }: MinioStart): Promise<ServiceProcess> {
  await mkdir(folder, { recursive: true });
  return launch({
    name: 'minio',
    folder,
    command: [
      program,
      'server',
      join(folder, 'data'),
      '--address',
      `127.0.0.1:${port}`,
      '--console-address',
      '127.0.0.1:0',
    ],
    environment: {
      MINIO_ROOT_USER: DEFAULT_CREDENTIALS.accessKeyId,
      MINIO_ROOT_PASSWORD: DEFAULT_CREDENTIALS.secretAccessKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_NOTIFY_KAFKA_ENABLE_flts: 'on',
      MINIO_NOTIFY_KAFKA_BROKERS_flts: kafka,
      MINIO_NOTIFY_KAFKA_TOPIC_flts: 's3-notifications',
      MINIO_NOTIFY_KAFKA_QUEUE_DIR_flts: join(folder, 'queue'),
    },
    ready: () => answers(`http://127.0.0.1:${port}/minio/health/live`),
  });
}
