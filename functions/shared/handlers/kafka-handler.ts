import middy from '@middy/core';
import type { Context, MSKEvent, MSKRecord } from 'aws-lambda';
import { describeError, FltsError, tryTwice } from '../errors.ts';
import { createServices, type Services } from '../services.ts';
import { sendToDlq } from './dead-letters.ts';
import { decodeBytes, parseMessage, placeOf, toDelivery } from './delivery.ts';
import type { BatchEntry, Route } from './route.ts';

export { dlqHeaders } from './dead-letters.ts';
export { toDelivery, type Delivery } from './delivery.ts';
export { route, type BatchEntry, type Route } from './route.ts';

export interface KafkaHandlerOptions {
  /** The function's name, as its log lines carry it. */
  readonly name: string;
  /** By topic. */
  readonly routes: Readonly<Record<string, Route>>;
  /** false for the function that reads the DLQ: what it gives up is logged, and lies in the DLQ already. Default true. */
  readonly deadLetters?: boolean;
  readonly services?: Services;
}

export interface BatchResponse {
  batchItemFailures: { itemIdentifier: { partition: string; offset: number } }[];
}

/**
 * The middleware of every Kafka-triggered function. A record whose error is not retryable goes to DLQ-<topic> and,
 * once the broker has it, counts as handled; the first retryable one of a partition is reported in
 * `batchItemFailures`, and the records behind it wait, so that a partition's order holds.
 */
export function kafkaHandler(
  options: KafkaHandlerOptions,
): (event: MSKEvent, context: Context) => Promise<BatchResponse> {
  let services: Services | undefined = options.services;
  return middy<MSKEvent, BatchResponse>(async (event: MSKEvent, context: Context) => {
    services ??= createServices(options.name);
    const batchItemFailures: BatchResponse['batchItemFailures'] = [];
    for (const [partition, records] of Object.entries(event.records)) {
      const failed = await processPartition(records, { ...options, services }, context);
      if (failed !== undefined) batchItemFailures.push({ itemIdentifier: { partition, offset: failed } });
    }
    return { batchItemFailures };
  });
}

type Wired = KafkaHandlerOptions & { readonly services: Services };

interface Read extends BatchEntry {
  readonly record: MSKRecord;
  readonly route: Route;
}

/** The offset of the first record to deliver again; undefined where all are handled. */
async function processPartition(
  records: readonly MSKRecord[],
  options: Wired,
  context: Context,
): Promise<number | undefined> {
  let batch: Read[] = [];
  for (const record of records) {
    try {
      const read = await tryTwice(() => readRecord(record, options, context));
      if (read.route.processBatch === undefined) {
        await tryTwice(() => read.route.process(read.message, read.delivery, options.services));
      } else batch.push(read);
    } catch (cause) {
      // What came before is handled before this record's fate is told, so that a redelivery repeats no DLQ record.
      const failed = await processBatch(batch, options);
      if (failed !== undefined) return failed;
      batch = [];
      if (!(await giveUp(record, cause, options))) return record.offset;
    }
  }
  return processBatch(batch, options);
}

/** Like processPartition, for records that were read and whose route takes them together. */
async function processBatch(batch: readonly Read[], options: Wired): Promise<number | undefined> {
  const [first] = batch;
  if (first?.route.processBatch === undefined) return undefined;
  try {
    await first.route.processBatch(batch, options.services);
    return undefined;
  } catch (cause) {
    if (describeError(cause).retryable) {
      logFailure(first.record, cause, { forGood: false, options });
      return first.record.offset;
    }
  }
  for (const { record, route, message, delivery } of batch) {
    try {
      await tryTwice(() => route.process(message, delivery, options.services));
    } catch (cause) {
      if (!(await giveUp(record, cause, options))) return record.offset;
    }
  }
  return undefined;
}

/** Whether the record is handled by now: false where it must come again, also because the DLQ did not take it. */
async function giveUp(record: MSKRecord, cause: unknown, options: Wired): Promise<boolean> {
  const forGood = !describeError(cause).retryable;
  logFailure(record, cause, { forGood, options });
  if (!forGood || options.deadLetters === false) return forGood;
  try {
    await sendToDlq(record, cause, options);
    return true;
  } catch (refused) {
    logFailure(record, refused, { forGood: false, options });
    return false;
  }
}

function logFailure(
  record: MSKRecord,
  cause: unknown,
  { forGood, options }: { forGood: boolean; options: Wired },
): void {
  options.services.log.error({
    event: forGood ? 'record_given_up' : 'record_failed',
    place: placeOf(record),
    ...describeError(cause),
    stack: cause instanceof Error ? cause.stack : undefined,
  });
}

async function readRecord(record: MSKRecord, { routes, services }: Wired, context: Context): Promise<Read> {
  const delivery = toDelivery(record, context);
  const place = placeOf(record);
  const route = routes[delivery.topic];
  if (route === undefined)
    throw new FltsError(
      'message_invalid',
      `expected a topic among ${Object.keys(routes).join(', ')}, got ${place}`,
    );
  const text = decodeBytes(record.value)?.toString('utf8') ?? '';
  const json = route.decode === undefined ? parseMessage(text, place) : route.decode(text);
  const message = route.complete === undefined ? json : await route.complete(json, delivery, services);
  const parsed = route.schema.safeParse(message);
  if (parsed.success) return { record, route, message: parsed.data, delivery };
  const problems = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
    .join('; ');
  throw new FltsError('message_invalid', `expected a ${delivery.topic} message at ${place}, got ${problems}`);
}
