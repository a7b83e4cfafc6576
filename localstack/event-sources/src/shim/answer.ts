// What the shim in a worker thread answers to the process that runs the mapping.
import { z } from 'zod';

const errorSchema = z.object({
  name: z.string(),
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().nullable(),
  stack: z.string().optional(),
});

export const shimAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: errorSchema,
    /** The worker is not to be used again. */
    recycle: z.boolean(),
    /** The handler was not called: the worker was already broken when the invoke came. */
    stale: z.boolean(),
  }),
]);

export type ShimAnswer = z.output<typeof shimAnswerSchema>;
