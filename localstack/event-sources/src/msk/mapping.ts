// An MSK event source mapping: a topic's records become invokes of a function.
import type { Kafka } from 'kafkajs';
import { DEFAULT_BACKOFF, type BackoffSettings } from '../backoff.ts';
import { compileRecordFilter } from '../filter/record-filter.ts';
import { createKafka } from '../kafka/client.ts';
import { startGroupConsumer } from '../kafka/group-consumer.ts';
import { createLog, type Log } from '../log.ts';
import { OnFailurePublisher } from '../on-failure.ts';
import { PAYLOAD_LIMIT_BYTES } from './batch.ts';
import { workPartition, type Invoke } from './worker.ts';

export interface MappingOptions {
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Named in log lines and in dlq_function. */
  readonly functionName: string;
  readonly invoke: Invoke;
  /** Default: an ARN made of the topic. */
  readonly eventSourceArn?: string;
  /** Default: `<functionName>-<topic>`. */
  readonly consumerGroupId?: string;
  /** Records in one invoke, 1 to 10,000. Default 100. */
  readonly batchSize?: number;
  /** Milliseconds to gather a batch once there is a record. Default 500. */
  readonly batchingWindowMs?: number;
  /** Ignored where the group has offsets. Default TRIM_HORIZON. */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  /** Attempts after the first; -1, the default, for ever, which an on-failure topic limits to 10. */
  readonly maximumRetryAttempts?: number;
  /** Filter criteria, of which one must match: `{value: …}` in AWS's grammar. Default: every record passes. */
  readonly filterPatterns?: readonly unknown[];
  /** Whether the function answers with batchItemFailures. Default false. */
  readonly reportBatchItemFailures?: boolean;
  readonly onFailureTopic?: string;
  /** Milliseconds. Default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Waits between attempts. Default 500 ms doubling up to 30 s. */
  readonly backoff?: BackoffSettings;
  readonly log?: Log;
}

export interface Mapping {
  /** Resolves once the group was joined for the first time. */
  readonly ready: Promise<void>;
  /** Lets running invokes finish and commit for `graceMs` (default 3,000) milliseconds, then leaves the group. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

const DEFAULT_WINDOW_MS = 500;
const DEFAULT_GRACE_MS = 3000;
const RETRIES_BEFORE_ON_FAILURE = 10;

export function startMapping(options: MappingOptions): Mapping {
  const { functionName, topic, log = createLog() } = options;
  const groupId = options.consumerGroupId ?? `${functionName}-${topic}`;
  const kafka = createKafka(options.bootstrapServers, `event-sources-${functionName}`, log);
  const onFailure = new OnFailurePublisher({ kafka, functionName, log });
  const consumer = startConsumer({ options, kafka, groupId, onFailure, log });
  log.info({ event: 'event_source_started', function: functionName, topic, group: groupId });
  return {
    ready: consumer.ready,
    async stop(graceMs = DEFAULT_GRACE_MS) {
      await consumer.stop(graceMs);
      await onFailure.close();
    },
  };
}

interface Parts {
  readonly options: MappingOptions;
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly onFailure: OnFailurePublisher;
  readonly log: Log;
}

function startConsumer({
  options,
  kafka,
  groupId,
  onFailure,
  log,
}: Parts): ReturnType<typeof startGroupConsumer> {
  const { bootstrapServers, functionName, topic } = options;
  const eventSourceArn =
    options.eventSourceArn ?? `arn:aws:kafka:us-east-1:000000000000:cluster/local/${topic}`;
  return startGroupConsumer({
    kafka,
    groupId,
    topic,
    functionName,
    log,
    startingPosition: options.startingPosition ?? 'TRIM_HORIZON',
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
    work: (source) =>
      workPartition(source, {
        functionName,
        identity: { eventSourceArn, bootstrapServers },
        limits: {
          batchSize: options.batchSize ?? 100,
          windowMs: options.batchingWindowMs ?? DEFAULT_WINDOW_MS,
          payloadBytes: PAYLOAD_LIMIT_BYTES,
        },
        filter:
          options.filterPatterns === undefined ? undefined : compileRecordFilter(options.filterPatterns),
        maximumRetryAttempts: retryLimit(options),
        reportsItemFailures: options.reportBatchItemFailures ?? false,
        onFailureTopic: options.onFailureTopic,
        backoff: options.backoff ?? DEFAULT_BACKOFF,
        invoke: options.invoke,
        onFailure,
        log,
      }),
  });
}

/** Without a limit of its own, a mapping with an on-failure destination gives up after ten retries. */
export function retryLimit({ maximumRetryAttempts = -1, onFailureTopic }: Partial<MappingOptions>): number {
  if (maximumRetryAttempts === -1 && onFailureTopic !== undefined) return RETRIES_BEFORE_ON_FAILURE;
  return maximumRetryAttempts;
}
