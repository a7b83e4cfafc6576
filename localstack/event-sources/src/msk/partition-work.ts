// What the work on a partition needs to know: the mapping's settings, and its ways out.
import type { BackoffSettings } from '../backoff.ts';
import type { FailureDestination } from '../failure/destination.ts';
import type { RecordFilter } from '../filter/record-filter.ts';
import type { Log } from '../log.ts';
import type { BatchLimits } from './batch.ts';
import type { EventSourceIdentity } from './event.ts';

/** Runs the function once. A rejection is a failed attempt. */
export type Invoke = (event: unknown) => Promise<unknown>;

export interface RetrySettings {
  /** Attempts after the first; -1 for ever. */
  readonly maximumRetryAttempts: number;
  /** Milliseconds after which a record is given up unhandled; -1 for none. */
  readonly maximumRecordAgeMs: number;
  /** Whether a batch that failed as a whole is halved. */
  readonly bisects: boolean;
  readonly backoff: BackoffSettings;
}

export interface PartitionWork {
  readonly functionName: string;
  readonly identity: EventSourceIdentity;
  readonly limits: BatchLimits;
  /** Undefined: every record reaches the function. What does not is committed all the same. */
  readonly filter: RecordFilter | undefined;
  readonly retry: RetrySettings;
  readonly reportsItemFailures: boolean;
  /** Undefined: records given up are logged and dropped. */
  readonly destination: FailureDestination | undefined;
  readonly invoke: Invoke;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}
