// One invoke with one batch: which of its records failed, and why.
import { describeError, EventSourceError, type ErrorDescription } from '../errors.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { toMskEvent } from './event.ts';
import { failedOffsets } from './response.ts';
import type { PartitionWork } from './partition-work.ts';

export interface Outcome {
  readonly failed: ReadonlySet<number>;
  /** Undefined where nothing failed. */
  readonly error: ErrorDescription | undefined;
  /** The function failed, and with it the whole batch, as against records that it named. */
  readonly isFunctionError: boolean;
}

export async function attempt(batch: readonly KafkaRecord[], work: PartitionWork): Promise<Outcome> {
  try {
    const response = await work.invoke(toMskEvent(work.identity, batch));
    if (!work.reportsItemFailures) return { failed: new Set(), error: undefined, isFunctionError: false };
    const failed = failedOffsets(response, batch);
    const error = failed.length === 0 ? undefined : describeError(itemFailure());
    return { failed: new Set(failed), error, isFunctionError: false };
  } catch (cause) {
    const failed = new Set(batch.map(({ offset }) => offset));
    return { failed, error: describeError(cause), isFunctionError: true };
  }
}

function itemFailure(): EventSourceError {
  return new EventSourceError('expected every record to be handled, got the record among batchItemFailures', {
    name: 'BatchItemFailure',
    code: 'BATCH_ITEM_FAILURE',
    retryable: true,
  });
}
