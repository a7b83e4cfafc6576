// The one place where a Kafka client is constructed.
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import type { Log } from '../log.ts';
import { registerCodecs } from './codecs.ts';

const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 12 } as const;

/** @param bootstrapServers `host:port`, separated by commas. */
export function createKafka(bootstrapServers: string, clientId: string, log: Log): Kafka {
  registerCodecs();
  const config: KafkaConfig = {
    clientId,
    brokers: bootstrapServers.split(',').map((server) => server.trim()),
    connectionTimeout: 3000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    // What matters is logged by the mappings; the client's own lines repeat it several times over.
    logCreator:
      () =>
      ({ namespace, log: entry }) =>
        log.debug({ event: 'kafka_client', namespace, message: entry.message, error: entry['error'] }),
  };
  return new Kafka(config);
}

/** Consumers crash after these retries and are opened again by the mapping, see group-consumer.ts. */
export const CONSUMER_RETRY = { ...RETRY, restartOnFailure: () => Promise.resolve(false) };
