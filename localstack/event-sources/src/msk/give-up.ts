// Hands records to the on-failure destination, and tells the log.
import type { ErrorDescription } from '../errors.ts';
import type { FailedBatch } from '../failure/destination.ts';
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { PartitionWork } from './partition-work.ts';

/** Resolves to false when the partition was lost before the records were safe. */
export async function giveUp(
  source: PartitionSource,
  batch: FailedBatch,
  { functionName, destination, log }: PartitionWork,
): Promise<boolean> {
  if (batch.records.length === 0) return true;
  if (destination !== undefined && !(await destination.publish(batch, () => source.owned))) return false;
  for (const { record, attempts } of batch.records) {
    const { topic, partition, offset } = record;
    log.error({
      event: 'record_given_up',
      function: functionName,
      topic,
      partition,
      offset,
      attempts,
      destination: destination?.name ?? null,
      error: withoutStack(batch.error),
    });
  }
  return true;
}

function withoutStack({ name, code, message, retryable }: ErrorDescription): ErrorDescription {
  return { name, code, message, retryable };
}
