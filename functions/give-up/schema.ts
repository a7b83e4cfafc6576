import { z } from 'zod';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';

/** Any bytes at all: what is not a JSON object has no claim to tell of, and is known by its beginning. */
export const deadLetter = z.object({
  message: z.record(z.string(), z.unknown()).nullable(),
  beginning: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

export function decodeDeadLetter(text: string): DeadLetter {
  const beginning = text.slice(0, 80);
  try {
    const json: unknown = JSON.parse(text);
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return { message: isObject ? { ...json } : null, beginning };
  } catch {
    return { message: null, beginning };
  }
}

/** The part of an S3 notification that a claim is derived from. */
const notification = z.object({
  eventTime: z.iso.datetime(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.number().default(0),
      eTag: z.string().default(''),
      sequencer: z.string().default(''),
    }),
  }),
});
export const notifications = z.object({ Records: z.array(notification).min(1) });
/** What a status needs to know of a claim; more of it may be there. */
export const claim = z.object({
  identifier: z.string().min(1),
  config_hash: z.string().min(1).nullable().default(null),
  claim_id: z.string().min(1),
  claimed_at: z.iso.datetime(),
});
export type Claim = z.infer<typeof claim>;

export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** What the dlq_* headers say; a mapping may know less than the handlers' middleware. */
export function failureOf({ headers }: Pick<Delivery, 'headers'>): Failure {
  return {
    name: headers['dlq_error_name'] ?? 'Error',
    code: headers['dlq_error_code'] ?? 'internal',
    message: headers['dlq_error_message'] ?? 'given up after its last attempt, without a word of the error',
  };
}
