import type { z } from 'zod';
import type { Services } from '../services.ts';
import type { Delivery } from './delivery.ts';

export interface BatchEntry<Message = unknown> {
  readonly message: Message;
  readonly delivery: Delivery;
}

/** How a function handles the records of one topic. */
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
  /**
   * Where given, handles the valid records of one partition that follow each other (in order, at least one) in one
   * go. A retryable error delivers all of them again; after any other one they go through `process` one by one, so
   * that only the record at fault is given up.
   */
  readonly processBatch?: (
    entries: readonly BatchEntry<z.infer<Schema>>[],
    services: Services,
  ) => Promise<void>;
}

/** Keeps the message's type while routes of several schemas live in one table. */
export function route<Schema extends z.ZodType>(definition: Route<Schema>): Route {
  const { schema, process, processBatch, ...rest } = definition;
  return {
    ...rest,
    schema,
    process: (message, delivery, services) => process(schema.parse(message), delivery, services),
    ...(processBatch === undefined
      ? {}
      : {
          processBatch: (entries, services) =>
            processBatch(
              entries.map(({ message, delivery }) => ({ message: schema.parse(message), delivery })),
              services,
            ),
        }),
  };
}
