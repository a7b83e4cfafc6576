import { z } from 'zod';
import { toDelivery, type Delivery } from '../shared/handlers/kafka-handler.ts';
import { decodeBytes } from '../shared/handlers/delivery.ts';
import { decodeDeadLetter, type DeadLetter } from './schema.ts';

const bytes = z.array(z.number());

/** What AWS's mapping writes to an on-failure destination: an account of the invoke, and the failed records as they came. */
const invocationRecord = z.object({
  timestamp: z.string().optional(),
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number().default(0),
  }),
  responseContext: z.object({ functionError: z.string().default('') }).default({ functionError: '' }),
  KafkaBatchInfo: z.record(z.string(), z.unknown()),
  payload: z.object({
    records: z.record(
      z.string(),
      z.array(
        z.object({
          topic: z.string(),
          partition: z.number(),
          offset: z.number(),
          timestamp: z.number(),
          timestampType: z.enum(['CREATE_TIME', 'LOG_APPEND_TIME']).default('CREATE_TIME'),
          key: z.string().default(''),
          value: z.string().default(''),
          headers: z.array(z.record(z.string(), bytes)).default([]),
        }),
      ),
    ),
  }),
});

export interface Enclosed {
  readonly letter: DeadLetter;
  /** The letter's own place, with the headers that our handlers would have written. */
  readonly delivery: Delivery;
}

/** The letters inside one of AWS's form, in order; undefined where it is none, as our own handlers' are not. */
export function enclosedLetters({ message }: DeadLetter, delivery: Delivery): Enclosed[] | undefined {
  const parsed = invocationRecord.safeParse(message);
  if (!parsed.success) return undefined;
  const { requestContext, responseContext, payload, timestamp } = parsed.data;
  const { functionArn, condition, approximateInvokeCount } = requestContext;
  const told = {
    dlq_error_name: 'FunctionError',
    dlq_error_code: condition,
    dlq_error_message: `given up by the event source mapping after ${approximateInvokeCount} invokes (${responseContext.functionError})`,
    // arn:aws:lambda:<region>:<account>:function:<name>[:<version>]
    dlq_function: functionArn.split(':')[6] ?? functionArn,
    ...(timestamp === undefined ? {} : { dlq_timestamp: timestamp }),
  };
  return Object.values(payload.records)
    .flat()
    .map((record) => {
      const own = toDelivery(record, { getRemainingTimeInMillis: delivery.remainingMs });
      const headers = { ...own.headers, ...told };
      return {
        letter: decodeDeadLetter(decodeBytes(record.value)?.toString('utf8') ?? ''),
        delivery: { ...delivery, headers, correlationId: own.correlationId },
      };
    });
}
