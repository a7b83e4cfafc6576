import middy from '@middy/core';
import type { Context, MSKEvent, MSKRecord } from 'aws-lambda';
import type { z } from 'zod';
import { describeError, FltsError } from '../errors.ts';
import { createServices, type Services } from '../services.ts';
import { dlqOf } from '../topics.ts';

/** A record as the stage sees it, decoded. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Handed on to whatever the stage publishes. */
  readonly correlationId: string;
  /** Milliseconds until the function's time-out. */
  readonly remainingMs: () => number;
}

export interface Route<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** Text to message; default: JSON.parse of an object. @throws what the record is given up with */
  readonly decode?: (text: string) => Record<string, unknown>;
  /** Fills in what a message published by hand leaves out, before the schema is checked. */
  readonly complete?: (
    message: Record<string, unknown>,
    delivery: Delivery,
    services: Services,
  ) => Promise<Record<string, unknown>>;
  readonly process: (message: z.infer<Schema>, delivery: Delivery, services: Services) => Promise<void>;
}

/** Keeps the message's type while routes of several schemas live in one table. */
export function route<Schema extends z.ZodType>(definition: Route<Schema>): Route {
  return {
    ...definition,
    process: (message, delivery, services) =>
      definition.process(definition.schema.parse(message), delivery, services),
  };
}

export interface KafkaHandlerOptions {
  /** The function's name, as its log lines carry it. */
  readonly name: string;
  /** By topic. */
  readonly routes: Readonly<Record<string, Route>>;
  /** false for the function that reads the DLQ: its own failures are retried, never sent to a DLQ. Default true. */
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

/** The offset of the first record to deliver again; undefined where all are handled. */
async function processPartition(
  records: readonly MSKRecord[],
  options: Wired,
  context: Context,
): Promise<number | undefined> {
  for (const record of records) {
    try {
      await processRecord(record, options, context);
    } catch (cause) {
      const error = describeError(cause);
      const place = `${record.topic}/${record.partition}/${record.offset}`;
      const giveUp = !error.retryable && options.deadLetters !== false;
      options.services.log.error({
        event: giveUp ? 'record_given_up' : 'record_failed',
        place,
        ...error,
        stack: cause instanceof Error ? cause.stack : undefined,
      });
      if (!giveUp) return record.offset;
      await sendToDlq(record, cause, options);
    }
  }
  return undefined;
}

async function processRecord(
  record: MSKRecord,
  { routes, services }: Wired,
  context: Context,
): Promise<void> {
  const delivery = toDelivery(record, context);
  const place = `${delivery.topic}/${delivery.partition}/${delivery.offset}`;
  const found = routes[delivery.topic];
  if (found === undefined)
    throw new FltsError(
      'message_invalid',
      `expected a topic among ${Object.keys(routes).join(', ')}, got ${place}`,
    );
  const text = Buffer.from(record.value ?? '', 'base64').toString('utf8');
  const json = found.decode === undefined ? parseMessage(text, place) : found.decode(text);
  const message = found.complete === undefined ? json : await found.complete(json, delivery, services);
  const parsed = found.schema.safeParse(message);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
      .join('; ');
    throw new FltsError(
      'message_invalid',
      `expected a ${delivery.topic} message at ${place}, got ${problems}`,
    );
  }
  await found.process(parsed.data, delivery, services);
}

function parseMessage(text: string, place: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (isRecord(json)) return json;
  } catch (cause) {
    throw new FltsError(
      'message_not_json',
      `expected JSON at ${place}, got ${JSON.stringify(text.slice(0, 80))}`,
      { cause },
    );
  }
  throw new FltsError(
    'message_not_json',
    `expected a JSON object at ${place}, got ${JSON.stringify(text.slice(0, 80))}`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function toDelivery(record: MSKRecord, context: Context): Delivery {
  const headers = decodeHeaders(record.headers);
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key:
      record.key === undefined || record.key === null
        ? null
        : Buffer.from(record.key, 'base64').toString('utf8'),
    headers,
    correlationId: headers['correlation_id'] ?? `${record.topic}-${record.partition}-${record.offset}`,
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}

/** Header bytes arrive as integers, on some paths signed. */
function decodeHeaders(headers: MSKRecord['headers'] | undefined): Record<string, string> {
  const entries = (headers ?? []).flatMap((header) => Object.entries(header));
  return Object.fromEntries(
    entries.map(([name, bytes]) => [name, Buffer.from(bytes.map((byte) => byte & 0xff)).toString('utf8')]),
  );
}

async function sendToDlq(record: MSKRecord, cause: unknown, { name, services }: Wired): Promise<void> {
  const error = describeError(cause);
  const value =
    record.value === undefined || record.value === null ? null : Buffer.from(record.value, 'base64');
  const key = record.key === undefined || record.key === null ? null : Buffer.from(record.key, 'base64');
  await services.publisher.send(dlqOf(record.topic), [
    {
      key,
      value,
      headers: {
        ...decodeHeaders(record.headers),
        ...dlqHeaders(error, name, services.now()),
        dlq_topic: record.topic,
        dlq_partition: String(record.partition),
        dlq_offset: String(record.offset),
      },
    },
  ]);
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
    dlq_attempts: '1',
    dlq_function: functionName,
    dlq_timestamp: new Date(now).toISOString(),
  };
}
