// S3 notifications of a Kafka topic become asynchronous invokes of a function.
import { DEFAULT_BACKOFF, type BackoffSettings } from '../backoff.ts';
import { createKafka } from '../kafka/client.ts';
import { startGroupConsumer } from '../kafka/group-consumer.ts';
import { createLog, type Log } from '../log.ts';
import type { Mapping } from '../msk/mapping.ts';
import type { Invoke } from '../msk/partition-work.ts';
import { OnFailurePublisher } from '../failure/on-failure.ts';
import { Concurrency } from '../concurrency.ts';
import type { S3Rule } from './filter.ts';
import { workNotifications } from './worker.ts';

export interface S3MappingOptions {
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string;
  /** Where the S3 server publishes its notifications. Default `s3-notifications`. */
  readonly topic?: string;
  readonly functionName: string;
  readonly invoke: Invoke;
  /** A notification that matches none is skipped. */
  readonly rules: readonly S3Rule[];
  /** Default: `<functionName>-<topic>`. */
  readonly consumerGroupId?: string;
  /** Fills awsRegion. Default us-east-1. */
  readonly region?: string;
  /** Invokes at a time. Default 2. */
  readonly concurrency?: number;
  /** Milliseconds. Default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Waits between the three attempts. Default 500 ms doubling up to 30 s. */
  readonly backoff?: BackoffSettings;
  readonly log?: Log;
}

const DEFAULT_TOPIC = 's3-notifications';
const DEFAULT_GRACE_MS = 3000;

export function startS3Mapping(options: S3MappingOptions): Mapping {
  const { functionName, topic = DEFAULT_TOPIC, log = createLog() } = options;
  const groupId = options.consumerGroupId ?? `${functionName}-${topic}`;
  const kafka = createKafka(options.bootstrapServers, `event-sources-${functionName}`, log);
  const onFailure = new OnFailurePublisher({ kafka, functionName, log });
  const concurrency = new Concurrency(options.concurrency ?? 2);
  const { rules, region = 'us-east-1', backoff = DEFAULT_BACKOFF, invoke } = options;
  const consumer = startGroupConsumer({
    kafka,
    groupId,
    topic,
    functionName,
    log,
    startingPosition: 'TRIM_HORIZON',
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
    work: (source) =>
      workNotifications(source, {
        functionName,
        rules,
        region,
        backoff,
        concurrency,
        invoke,
        onFailure,
        log,
      }),
  });
  log.info({ event: 'event_source_started', function: functionName, topic, group: groupId });
  return {
    ready: consumer.ready,
    async stop(graceMs = DEFAULT_GRACE_MS) {
      await consumer.stop(graceMs);
      await onFailure.close();
    },
  };
}
