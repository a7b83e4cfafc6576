import { startBroker } from '@flts/kafka';
import { startMlflow } from '@flts/mlflow';
import { DEFAULT_CREDENTIALS, kafkaTarget, startS3 } from '@flts/s3';
import { join } from 'node:path';
import { S3_NOTIFICATIONS_TOPIC } from './resources.ts';
import { StartError, type StartSettings } from './settings.ts';

/** Where the services are and how to stop those that we started, last started first. */
export interface Services {
  readonly kafka: string;
  readonly s3: string;
  readonly mlflow: string;
  /** What the functions' process needs to reach them. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a stand-in for each service that the environment does not name. @throws StartError PORT_TAKEN */
export async function startStandIns(settings: StartSettings): Promise<Services> {
  const { home, ports, allowedHosts, bucketPrefix, external } = settings;
  const stops: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const kafka =
      external.kafka ??
      (
        await listening(
          'KAFKA_PORT',
          stops,
          startBroker({ directory: join(home, 'kafka'), port: ports.kafka }),
        )
      ).bootstrapServers;
    const targets = [kafkaTarget({ brokers: kafka.split(','), topic: S3_NOTIFICATIONS_TOPIC })];
    const s3 =
      external.s3 ??
      (
        await listening(
          'S3_PORT',
          stops,
          startS3({ directory: join(home, 's3'), port: ports.s3, allowedHosts, targets }),
        )
      ).endpoint;
    const credentials = external.s3 === undefined ? DEFAULT_CREDENTIALS : undefined;
    const bucket = `${bucketPrefix}mlflow`;
    const store = { endpoint: s3, bucket, ...(credentials === undefined ? {} : { credentials }) };
    const mlflow =
      external.mlflow ??
      (
        await listening(
          'MLFLOW_PORT',
          stops,
          startMlflow({ directory: join(home, 'mlflow'), port: ports.mlflow, allowedHosts, s3: store }),
        )
      ).uri;
    return {
      kafka,
      s3,
      mlflow,
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: kafka,
        MLFLOW_TRACKING_URI: mlflow,
        ...awsEnvironment(s3, credentials),
      },
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function listening<Server extends { close(): Promise<void> }>(
  variable: string,
  stops: (() => Promise<void>)[],
  start: Promise<Server>,
): Promise<Server> {
  try {
    const server = await start;
    stops.push(() => server.close());
    return server;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'PORT_TAKEN') {
      throw new StartError('PORT_TAKEN', `${cause.message}; set ${variable} to another port`, { cause });
    }
    throw cause;
  }
}

function awsEnvironment(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: process.env['AWS_REGION'] ?? 'us-east-1',
    ...(credentials === undefined
      ? {}
      : { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }),
  };
}
