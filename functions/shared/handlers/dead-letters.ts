import type { MSKRecord } from 'aws-lambda';
import { describeError, FltsError } from '../errors.ts';
import type { Services } from '../services.ts';
import { dlqOf } from '../topics.ts';
import { decodeBytes, decodeHeaders } from './delivery.ts';

/** Writes a record that can never succeed to DLQ-<topic>, as it came and with what is known of its failure; waits for the broker's word. */
export async function sendToDlq(
  record: MSKRecord,
  cause: unknown,
  { name, services }: { name: string; services: Services },
): Promise<void> {
  const headers = {
    ...decodeHeaders(record.headers),
    ...dlqHeaders(describeError(cause), name, services.now()),
    ...modelTypesOf(cause),
    dlq_topic: record.topic,
    dlq_partition: String(record.partition),
    dlq_offset: String(record.offset),
  };
  const letter = { key: decodeBytes(record.key), value: decodeBytes(record.value), headers };
  try {
    await services.publisher.send(dlqOf(record.topic), [letter]);
  } catch (refused) {
    if (describeError(refused).code !== 'broker_refused') throw refused;
    // It was near the broker's limit, and passes it with the headers: then they go alone, and name its place.
    const alone = { ...headers, dlq_value: 'left out: too large beside these headers' };
    await services.publisher.send(dlqOf(record.topic), [{ ...letter, value: null, headers: alone }]);
  }
}

/** A training claim may be given up for some of its models. */
function modelTypesOf(cause: unknown): Record<string, string> {
  const types: unknown = cause instanceof FltsError && 'modelTypes' in cause ? cause.modelTypes : undefined;
  return Array.isArray(types) ? { dlq_model_types: types.join() } : {};
}

/** The dlq_* headers that every given-up record carries. */
export function dlqHeaders(
  error: { name: string; code: string; message: string },
  functionName: string,
  now: number,
): Record<string, string> {
  return {
    dlq_error_name: error.name,
    dlq_error_code: error.code,
    dlq_error_message: error.message.slice(0, 2000),
    dlq_function: functionName,
    dlq_timestamp: new Date(now).toISOString(),
  };
}
