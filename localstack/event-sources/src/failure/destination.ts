// Where records go that a mapping gives up.
import type { ErrorDescription } from '../errors.ts';
import type { KafkaRecord } from '../kafka/record.ts';

/** Why, in the words of Lambda's invocation records, which have none for a batch that cannot be read. */
export type FailureCondition =
  'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'MaximumPayloadSizeExceeded' | 'BatchUnreadable';

export interface FailedRecord {
  readonly record: KafkaRecord;
  /** Failed attempts. */
  readonly attempts: number;
}

/** Records of one partition, given up together and for one reason. */
export interface FailedBatch {
  readonly records: readonly FailedRecord[];
  readonly condition: FailureCondition;
  readonly error: ErrorDescription;
}

export interface FailureDestination {
  /** As the settings name it. */
  readonly name: string;
  /** Resolves to true once the records are safe; tries again until then, or until `wanted` says false. Never rejects. */
  readonly publish: (batch: FailedBatch, wanted: () => boolean) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export type DestinationAddress =
  { readonly kind: 'kafka'; readonly topic: string } | { readonly kind: 's3'; readonly bucket: string };

export const DESTINATION_EXPECTED = 'kafka://<topic> or arn:aws:s3:::<bucket>';

/** Undefined for text that names neither a topic nor a bucket. */
export function parseDestination(text: string): DestinationAddress | undefined {
  const topic = /^kafka:\/\/([A-Za-z0-9._-]{1,249})$/.exec(text)?.[1];
  if (topic !== undefined) return { kind: 'kafka', topic };
  const bucket = /^arn:aws[a-z-]*:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/.exec(text)?.[1];
  return bucket === undefined ? undefined : { kind: 's3', bucket };
}
