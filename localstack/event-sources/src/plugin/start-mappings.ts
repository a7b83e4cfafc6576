// Starts a function's mappings from the settings of its events.
import type { Concurrency } from '../concurrency.ts';
import type { Log } from '../log.ts';
import { startMapping, type Mapping, type MappingOptions } from '../msk/mapping.ts';
import { startS3Mapping } from '../s3/mapping.ts';
import { keysOfProvisionedMode, type MappingEvent } from '../settings/mapping-event.ts';
import type { FunctionMappings, ServiceMappings } from '../settings/service-mappings.ts';

export interface MappingContext {
  readonly mappings: ServiceMappings;
  readonly region: string;
  readonly log: Log;
  /** Of the topics whose invokes are bounded over all functions. */
  readonly bounds: ReadonlyMap<string, Concurrency>;
}

export interface InvokeTarget {
  readonly functionKey: string;
  /** As deployed, with service and stage. */
  readonly name: string;
  readonly invoke: (event: unknown) => Promise<unknown>;
}

export function startKafkaMapping(
  event: MappingEvent,
  target: InvokeTarget,
  context: MappingContext,
): Mapping {
  const { mappings, region, log } = context;
  const { functionKey, name } = target;
  const { kafka } = mappings.custom;
  const bound = context.bounds.get(event.topic);
  const invoke: InvokeTarget['invoke'] =
    bound === undefined ? target.invoke : (batch) => bound.run(() => target.invoke(batch));
  warnOfDeployment(event, functionKey, log);
  const own = event.source.kind === 'kafka' ? event.source.bootstrapServers.join(',') : '';
  return startMapping({
    ...pollOptions(event),
    ...retryOptions(event),
    bootstrapServers: mappings.bootstrapServers ?? own,
    topic: event.topic,
    functionName: functionKey,
    invoke,
    eventSourceArn: arnOf(event, region),
    consumerGroupId: event.consumerGroupId ?? `${name}-${event.topic}`,
    s3: { endpoint: mappings.s3Endpoint, region },
    log,
    ...(kafka.sessionTimeout === undefined ? {} : { sessionTimeoutMs: kafka.sessionTimeout }),
    ...(kafka.backoff === undefined ? {} : { backoff: kafka.backoff }),
  });
}

function arnOf({ source }: MappingEvent, region: string): string | null {
  if (source.kind === 'kafka') return null;
  if (typeof source.arn === 'string') return source.arn;
  return `arn:aws:kafka:${region}:000000000000:cluster/local/1`;
}

type PollOptions = Pick<
  MappingOptions,
  'batchSize' | 'batchingWindowMs' | 'startingPosition' | 'filterPatterns'
>;

function pollOptions(event: MappingEvent): PollOptions {
  const { batchSize, startingPosition, filterPatterns } = event;
  const { startingPositionTimestamp: seconds = 0, maximumBatchingWindow: window } = event;
  return {
    batchSize,
    startingPosition: startingPosition === 'AT_TIMESTAMP' ? { timestamp: seconds * 1000 } : startingPosition,
    ...(window === undefined ? {} : { batchingWindowMs: window * 1000 }),
    ...(filterPatterns === undefined ? {} : { filterPatterns }),
  };
}

type RetryOptions = Pick<
  MappingOptions,
  | 'maximumRetryAttempts'
  | 'maximumRecordAgeInSeconds'
  | 'bisectBatchOnFunctionError'
  | 'reportBatchItemFailures'
  | 'onFailure'
>;

function retryOptions(event: MappingEvent): RetryOptions {
  const { maximumRetryAttempts, maximumRecordAgeInSeconds, bisectBatchOnFunctionError, onFailure } = event;
  return {
    maximumRetryAttempts,
    maximumRecordAgeInSeconds,
    bisectBatchOnFunctionError,
    reportBatchItemFailures: event.functionResponseType !== undefined,
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

/** Says what works here and would not on AWS. */
function warnOfDeployment(event: MappingEvent, functionKey: string, log: Log): void {
  const place = { function: functionKey, topic: event.topic };
  const keys = keysOfProvisionedMode(event);
  if (keys.length > 0 && event.provisionedPollerConfig === undefined) {
    const message =
      'expected provisionedPollerConfig beside these keys: AWS takes them in provisioned mode only';
    log.warn({ event: 'provisioned_mode_missing', ...place, keys, message });
  }
  const patterns = event.filterPatterns?.length ?? 0;
  if (patterns > 5) {
    const message = 'AWS takes up to 5 filter patterns, and up to 10 where the quota was raised';
    log.warn({ event: 'filter_patterns_need_quota', ...place, patterns, message });
  }
}

export function startS3(
  rules: FunctionMappings['rules'],
  target: InvokeTarget,
  context: MappingContext,
): Mapping {
  const { mappings, region, log } = context;
  const { functionKey, name, invoke } = target;
  const { kafka, s3 } = mappings.custom;
  const backoff = s3.backoff ?? kafka.backoff;
  return startS3Mapping({
    bootstrapServers: mappings.bootstrapServers ?? '',
    topic: s3.topic,
    functionName: functionKey,
    invoke,
    rules,
    consumerGroupId: `${name}-${s3.topic}`,
    region,
    concurrency: s3.concurrency,
    log,
    ...(kafka.sessionTimeout === undefined ? {} : { sessionTimeoutMs: kafka.sessionTimeout }),
    ...(backoff === undefined ? {} : { backoff }),
  });
}
