// Reads a function's answer to a batch: which records failed.
import { EventSourceError } from '../errors.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { partitionKey } from './event.ts';

/**
 * The offsets that `{batchItemFailures: [{itemIdentifier: {partition: "topic-0", offset}}]}` names, ascending; empty
 * means success, and so does an answer that is empty, null or without failures.
 * @throws EventSourceError FUNCTION_RESPONSE_INVALID, which fails the whole batch, for an answer of another shape and
 * for a partition or offset that is not in the batch.
 */
export function failedOffsets(response: unknown, batch: readonly KafkaRecord[]): number[] {
  if (response === null || response === undefined) return [];
  if (!isObject(response)) throw invalid('an object or null', response);
  const failures = response['batchItemFailures'];
  if (failures === null || failures === undefined) return [];
  if (!Array.isArray(failures)) throw invalid('batchItemFailures as a list', failures);
  const known = new Set(batch.map((record) => `${partitionKey(record)}/${record.offset}`));
  const offsets = failures.map((failure: unknown) => failedOffset(failure, known));
  return [...new Set(offsets)].toSorted((a, b) => a - b);
}

function failedOffset(failure: unknown, known: ReadonlySet<string>): number {
  const identifier = isObject(failure) ? failure['itemIdentifier'] : undefined;
  const partition = isObject(identifier) ? identifier['partition'] : undefined;
  const offset = isObject(identifier) ? identifier['offset'] : undefined;
  if (typeof partition !== 'string' || typeof offset !== 'number' || !known.has(`${partition}/${offset}`)) {
    throw invalid(
      'itemIdentifier {partition: "<topic>-<partition>", offset} of a record in the batch',
      failure,
    );
  }
  return offset;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(expected: string, got: unknown): EventSourceError {
  const shown = JSON.stringify(got) ?? String(got);
  return new EventSourceError(`expected ${expected}, got ${shown.slice(0, 200)}`, {
    name: 'FunctionResponseError',
    code: 'FUNCTION_RESPONSE_INVALID',
    retryable: true,
  });
}
