// The destination that a mapping's settings name.
import type { Kafka } from 'kafkajs';
import { EventSourceError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { EventSourceIdentity } from '../msk/event.ts';
import { DESTINATION_EXPECTED, parseDestination, type FailureDestination } from './destination.ts';
import { mappingUuid } from './invocation-record.ts';
import { kafkaDestination } from './kafka-destination.ts';
import { OnFailurePublisher } from './on-failure.ts';
import { s3Destination } from './s3-destination.ts';

export interface OpenDestinationOptions {
  readonly onFailure?: string;
  readonly topic: string;
  readonly functionName: string;
  readonly groupId: string;
  readonly kafka: Kafka;
  readonly identity: EventSourceIdentity;
  readonly s3?: { readonly endpoint?: string | undefined; readonly region?: string };
  readonly log: Log;
}

/** @throws EventSourceError EVENT_SOURCE_SETTING_INVALID */
export function openDestination(options: OpenDestinationOptions): FailureDestination | undefined {
  const { onFailure, topic, functionName, groupId, kafka, identity, log } = options;
  if (onFailure === undefined) return undefined;
  const address = parseDestination(onFailure);
  if (address === undefined) throw invalid(DESTINATION_EXPECTED, onFailure);
  if (address.kind === 'kafka') {
    if (address.topic === topic) throw invalid('an on-failure topic other than the source', onFailure);
    return kafkaDestination(address.topic, new OnFailurePublisher({ kafka, functionName, log }));
  }
  const mappingId = mappingUuid(functionName, topic, groupId);
  const { endpoint, region = 'us-east-1' } = options.s3 ?? {};
  return s3Destination({ bucket: address.bucket, endpoint, region, identity, functionName, mappingId, log });
}

function invalid(expected: string, got: string): EventSourceError {
  return new EventSourceError(`onFailure: expected ${expected}, got ${got}`, {
    name: 'EventSourceSettingError',
    code: 'EVENT_SOURCE_SETTING_INVALID',
    retryable: false,
  });
}
