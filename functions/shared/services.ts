import { createLog, type Log } from './log.ts';
import { createKafkaPublisher } from './messages/kafka-publisher.ts';
import { kafkaSecurity } from './messages/kafka-security.ts';
import type { Publisher } from './messages/publisher.ts';
import { readSettings, serviceShape } from './settings/settings.ts';
import { createPresigningS3Client, createS3Client, createS3Storage } from './storage/s3-storage.ts';
import { createPrefixedStorage } from './storage/prefixed-storage.ts';
import type { Storage } from './storage/storage.ts';
import { createMlflowTracking } from './tracking/mlflow-tracking.ts';
import type { Tracking } from './tracking/tracking.ts';

/** What a stage works with; tests pass their own. */
export interface Services {
  readonly storage: Storage;
  readonly publisher: Publisher;
  readonly tracking: Tracking;
  readonly log: Log;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The clients of one function, made once an instance. @throws FltsError setting_invalid */
export function createServices(functionName: string, environment: NodeJS.ProcessEnv = process.env): Services {
  const settings = readSettings(serviceShape, environment);
  return {
    storage: createPrefixedStorage(
      createS3Storage(createS3Client(), createPresigningS3Client()),
      settings.BUCKET_PREFIX,
    ),
    publisher: createKafkaPublisher(
      settings.KAFKA_BOOTSTRAP_SERVERS,
      functionName,
      kafkaSecurity(settings, environment['AWS_REGION']),
    ),
    tracking: createMlflowTracking(settings.MLFLOW_TRACKING_URI),
    log: createLog(functionName, settings.LOG_LEVEL),
    now: Date.now,
  };
}
