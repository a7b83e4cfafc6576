import { startBroker, type Broker } from '@flts/kafka';
import { startMlflow } from '@flts/mlflow';
import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaPublisher } from '../../functions/shared/messages/kafka-publisher.ts';
import type { Publisher } from '../../functions/shared/messages/publisher.ts';
import { createS3Storage } from '../../functions/shared/storage/s3-storage.ts';
import type { Storage } from '../../functions/shared/storage/storage.ts';
import { createMlflowTracking } from '../../functions/shared/tracking/mlflow-tracking.ts';
import type { Tracking } from '../../functions/shared/tracking/tracking.ts';
import { createInstances, type Ended, type Limits } from './instances.ts';
import { startKillingProxy, type KillingProxy } from './killing-proxy.ts';

const BUCKETS = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];

export interface CrashWorld {
  readonly kafka: string;
  readonly storage: Storage;
  readonly tracking: Tracking;
  readonly publisher: Publisher;
  readonly proxy: KillingProxy;
  /** Moves the S3 server's clock on. */
  advance(ms: number): void;
  /** Delivers an event to an instance of a stage; where `killAt` is given, to a fresh one, killed at its nth request. */
  deliver(
    stage: string,
    event: unknown,
    options?: Limits & { killAt?: number; environment?: Record<string, string> },
  ): Promise<Ended>;
  close(): Promise<void>;
}

/** The stand-ins behind a proxy that kills; the stages of `root` run as child processes that know nothing of it. */
export async function startCrashWorld(root?: string): Promise<CrashWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-crash-'));
  let skew = 0;
  const running: { broker?: Broker } = {};
  const s3 = await startS3({
    directory: join(folder, 's3'),
    port: 0,
    buckets: BUCKETS,
    now: () => new Date(Date.now() + skew),
  });
  const mlflow = await startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
  });
  const proxy = await startKillingProxy({
    s3Port: s3.port,
    mlflowPort: mlflow.port,
    kafkaPort: () => running.broker?.port ?? 0,
  });
  running.broker = await startBroker({
    directory: join(folder, 'kafka'),
    port: 0,
    advertisedPort: proxy.kafkaPort,
  });
  const kafka = `127.0.0.1:${proxy.kafkaPort}`;
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: DEFAULT_CREDENTIALS,
  });
  const publisher = createKafkaPublisher([kafka], 'crash-test');
  const services: Record<string, string> = {
    KAFKA_BOOTSTRAP_SERVERS: kafka,
    AWS_ENDPOINT_URL_S3: proxy.s3,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
    MLFLOW_TRACKING_URI: proxy.mlflow,
  };
  let deliveries = 0;
  const instances = createInstances(root);
  return {
    kafka,
    storage: createS3Storage(client),
    tracking: createMlflowTracking(mlflow.uri),
    publisher,
    proxy,
    advance: (ms) => {
      skew += ms;
    },
    deliver: async (stage, event, { killAt = 0, environment = {}, ...limits } = {}) => {
      deliveries += 1;
      const eventFile = join(folder, `event-${deliveries}.json`);
      await writeFile(eventFile, JSON.stringify(event));
      const instance = instances.take(stage, { ...services, ...environment }, killAt > 0);
      proxy.arm(instance.process, killAt);
      const ended = await instance.deliver(eventFile, limits);
      if (!ended.killed) instances.giveBack(instance);
      return ended;
    },
    close: async () => {
      await instances.close();
      await publisher.close();
      await proxy.close();
      await Promise.all([running.broker?.close(), mlflow.close()]);
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An MSK event of one record, as the mapping hands it over. */
export function mskEvent(topic: string, message: unknown): unknown {
  const value = Buffer.from(JSON.stringify(message)).toString('base64');
  const record = {
    topic,
    partition: 0,
    offset: 0,
    timestamp: Date.now(),
    timestampType: 'CREATE_TIME',
    value,
    headers: [],
  };
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/flts/1',
    bootstrapServers: '',
    records: { [`${topic}-0`]: [record] },
  };
}

/** The notification of an object created in `dataset`. */
export function uploadEvent(key: string, etag: string, size: number): unknown {
  const object = {
    key: encodeURIComponent(key).replaceAll('%20', '+'),
    size,
    eTag: etag.replaceAll('"', ''),
    sequencer: '0055AED6DCD90281E5',
  };
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: '2026-01-01T00:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'dataset',
          bucket: { name: 'dataset', arn: 'arn:aws:s3:::dataset' },
          object,
        },
      },
    ],
  };
}
