// The shapes of `s3` events and of `custom.eventSources`; an unknown key or a value out of range is an error.
import { z } from 'zod';
import { S3_EVENTS } from '../s3/filter.ts';

const kafkaDestination = z
  .string()
  .regex(/^kafka:\/\/[A-Za-z0-9._-]{1,249}$/, 'expected kafka://<topic>')
  .transform((destination) => destination.slice('kafka://'.length));

const destinations = z.strictObject({ onFailure: kafkaDestination.optional() }).optional();

/** Accepted so that one serverless.yml serves the laptop and a deployment; without effect here. */
const deployOnly = z.unknown().optional();

const rule = z.union([z.strictObject({ prefix: z.string() }), z.strictObject({ suffix: z.string() })]);

const s3ObjectEventSchema = z.strictObject({
  bucket: z.string().min(1),
  event: z.enum(S3_EVENTS).default('s3:ObjectCreated:*'),
  rules: z.array(rule).default([]),
  destinations,
  existing: deployOnly,
  forceDeploy: deployOnly,
});

export const s3EventSchema = z.preprocess(
  (event) => (typeof event === 'string' ? { bucket: event } : event),
  s3ObjectEventSchema,
);

const milliseconds = z.number().int().min(1);

export const customSchema = z.strictObject({
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  http: z
    .strictObject({
      /** Names by which the HTTP API is reached beside the loopback ones, without port. */
      allowedHosts: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  kafka: z
    .strictObject({
      bootstrapServers: z.string().min(1).optional(),
      /** Milliseconds until a consumer that fell silent loses its partitions. Default 6,000. */
      sessionTimeout: z.number().int().min(6000).max(1_800_000).optional(),
      /** Waits between the attempts of one batch, in milliseconds. Default 500 doubling up to 30,000. */
      backoff: z.strictObject({ initialMs: milliseconds, maxMs: milliseconds }).optional(),
      /** By topic: invokes at a time of all functions together that read it; `cores`: as many as the machine has. */
      concurrency: z.record(z.string(), z.union([z.literal('cores'), z.number().int().min(1)])).default({}),
    })
    .prefault({}),
  s3: z
    .strictObject({
      topic: z.string().min(1).default('s3-notifications'),
      queueArn: z.string().min(1).default('arn:minio:sqs::flts:kafka'),
      onFailure: kafkaDestination.optional(),
      endpoint: z.url().optional(),
      /** Invokes at a time of one function. */
      concurrency: z.number().int().min(1).max(1000).default(2),
      backoff: z.strictObject({ initialMs: milliseconds, maxMs: milliseconds }).optional(),
    })
    .prefault({}),
});

export type S3Event = z.output<typeof s3EventSchema>;
export type CustomSettings = z.output<typeof customSchema>;
