// An event source mapping: a topic's records become invokes of a function.
import { DEFAULT_BACKOFF, type BackoffSettings } from '../backoff.ts';
import type { FailureDestination } from '../failure/destination.ts';
import { openDestination } from '../failure/open-destination.ts';
import { compileRecordFilter } from '../filter/record-filter.ts';
import { createKafka } from '../kafka/client.ts';
import { startGroupConsumer } from '../kafka/group-consumer.ts';
import type { StartingPosition } from '../kafka/offsets.ts';
import { createLog, type Log } from '../log.ts';
import { PAYLOAD_LIMIT_BYTES } from './batch.ts';
import type { EventSourceIdentity } from './event.ts';
import type { Invoke, PartitionWork } from './partition-work.ts';
import { workPartition } from './worker.ts';

export interface MappingOptions {
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Named in log lines and in dlq_function. */
  readonly functionName: string;
  readonly invoke: Invoke;
  /** Default: an ARN made of the topic; null for a self-managed cluster, whose events have none. */
  readonly eventSourceArn?: string | null;
  /** Default: `<functionName>-<topic>`. */
  readonly consumerGroupId?: string;
  /** Records in one invoke, 1 to 10,000. Default 100. */
  readonly batchSize?: number;
  /** Milliseconds to gather a batch once there is a record. Default 500. */
  readonly batchingWindowMs?: number;
  /** Ignored where the group has offsets. Default TRIM_HORIZON; a time in epoch milliseconds. */
  readonly startingPosition?: StartingPosition;
  /** Attempts after the first; -1, the default, for ever, which an on-failure destination limits to 10. */
  readonly maximumRetryAttempts?: number;
  /** Seconds after which a record is given up unhandled. Default -1: never. */
  readonly maximumRecordAgeInSeconds?: number;
  /** Whether a batch that failed as a whole is halved. Default false. */
  readonly bisectBatchOnFunctionError?: boolean;
  /** Filter criteria, of which one must match: `{value: …}` in AWS's grammar. Default: every record passes. */
  readonly filterPatterns?: readonly unknown[];
  /** Whether the function answers with batchItemFailures. Default false. */
  readonly reportBatchItemFailures?: boolean;
  /** `kafka://<topic>` or `arn:aws:s3:::<bucket>`. Default: records given up are logged and dropped. */
  readonly onFailure?: string;
  /** For an on-failure bucket: by default as the SDK finds the endpoint, and us-east-1. */
  readonly s3?: { readonly endpoint?: string | undefined; readonly region?: string };
  /** Milliseconds. Default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Waits between attempts. Default 500 ms doubling up to 30 s. */
  readonly backoff?: BackoffSettings;
  readonly log?: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
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

/** @throws InvalidPatternError, EventSourceError EVENT_SOURCE_SETTING_INVALID for what AWS would refuse. */
export function startMapping(options: MappingOptions): Mapping {
  const { functionName, topic, log = createLog() } = options;
  const groupId = options.consumerGroupId ?? `${functionName}-${topic}`;
  const kafka = createKafka(options.bootstrapServers, `event-sources-${functionName}`, log);
  const identity = sourceIdentity(options);
  const destination = openDestination({ ...options, groupId, kafka, identity, log });
  const work = partitionWork(options, { identity, destination, log });
  const consumer = startGroupConsumer({
    kafka,
    groupId,
    topic,
    functionName,
    log,
    startingPosition: options.startingPosition ?? 'TRIM_HORIZON',
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
    work: (source) => workPartition(source, work),
  });
  log.info({ event: 'event_source_started', function: functionName, topic, group: groupId });
  return {
    ready: consumer.ready,
    async stop(graceMs = DEFAULT_GRACE_MS) {
      await consumer.stop(graceMs);
      await destination?.close();
    },
  };
}

function sourceIdentity({ bootstrapServers, topic, eventSourceArn }: MappingOptions): EventSourceIdentity {
  if (eventSourceArn === null) return { eventSource: 'SelfManagedKafka', bootstrapServers };
  const arn = eventSourceArn ?? `arn:aws:kafka:us-east-1:000000000000:cluster/local/${topic}`;
  return { eventSource: 'aws:kafka', eventSourceArn: arn, bootstrapServers };
}

interface Parts {
  readonly identity: EventSourceIdentity;
  readonly destination: FailureDestination | undefined;
  readonly log: Log;
}

function partitionWork(options: MappingOptions, { identity, destination, log }: Parts): PartitionWork {
  const { maximumRecordAgeInSeconds: age = -1, filterPatterns } = options;
  return {
    functionName: options.functionName,
    identity,
    limits: {
      batchSize: options.batchSize ?? 100,
      windowMs: options.batchingWindowMs ?? DEFAULT_WINDOW_MS,
      payloadBytes: PAYLOAD_LIMIT_BYTES,
    },
    filter: filterPatterns === undefined ? undefined : compileRecordFilter(filterPatterns),
    retry: {
      maximumRetryAttempts: retryLimit(options),
      maximumRecordAgeMs: age === -1 ? -1 : age * 1000,
      bisects: options.bisectBatchOnFunctionError ?? false,
      backoff: options.backoff ?? DEFAULT_BACKOFF,
    },
    reportsItemFailures: options.reportBatchItemFailures ?? false,
    destination,
    invoke: options.invoke,
    log,
    now: options.now ?? Date.now,
  };
}

/** Without a limit of its own, a mapping with an on-failure destination gives up after ten retries. */
export function retryLimit({ maximumRetryAttempts = -1, onFailure }: Partial<MappingOptions>): number {
  if (maximumRetryAttempts === -1 && onFailure !== undefined) return RETRIES_BEFORE_ON_FAILURE;
  return maximumRetryAttempts;
}
