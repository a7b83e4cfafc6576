// The shapes of `msk` and `s3` events and of `custom.eventSources`; an unknown key or a value out of range is an error.
import { z } from 'zod';
import { InvalidPatternError } from '../filter/invalid-pattern.ts';
import { compileRecordFilter } from '../filter/record-filter.ts';
import { S3_EVENTS } from '../s3/filter.ts';

const kafkaDestination = z
  .string()
  .regex(/^kafka:\/\/[A-Za-z0-9._-]{1,249}$/, 'expected kafka://<topic>')
  .transform((destination) => destination.slice('kafka://'.length));

const destinations = z.strictObject({ onFailure: kafkaDestination.optional() }).optional();

/** Up to 5 on AWS, up to 10 where the account's quota was raised. */
const filterPatterns = z
  .array(z.unknown())
  .min(1)
  .max(10)
  .superRefine((patterns, context) => {
    try {
      compileRecordFilter(patterns);
    } catch (error) {
      if (!(error instanceof InvalidPatternError)) throw error;
      context.addIssue({ code: 'custom', path: [...error.path], message: error.message });
    }
  });

/** Accepted so that one serverless.yml serves the laptop and a deployment; without effect here. */
const deployOnly = z.unknown().optional();

export const mskEventSchema = z.strictObject({
  /** A string, or a CloudFormation reference that only a deployment resolves. */
  arn: z.union([z.string(), z.record(z.string(), z.unknown())]),
  topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'expected a topic name'),
  /** Records in one invoke, 1 to 10,000. */
  batchSize: z.number().int().min(1).max(10_000).default(100),
  /** Whole seconds to gather a batch, 0 to 300; without it half a second. */
  maximumBatchingWindow: z.number().int().min(0).max(300).optional(),
  startingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).default('TRIM_HORIZON'),
  consumerGroupId: z.string().min(1).max(200).optional(),
  enabled: z.boolean().default(true),
  /** Attempts after the first, 0 to 10,000; -1 for ever. */
  maximumRetryAttempts: z.number().int().min(-1).max(10_000).default(-1),
  filterPatterns: filterPatterns.optional(),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
  destinations,
  provisionedPollerConfig: deployOnly,
  saslScram512: deployOnly,
});

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
  kafka: z
    .strictObject({
      bootstrapServers: z.string().min(1).optional(),
      /** Milliseconds until a consumer that fell silent loses its partitions. Default 6,000. */
      sessionTimeout: z.number().int().min(6000).max(1_800_000).optional(),
      /** Waits between the attempts of one batch, in milliseconds. Default 500 doubling up to 30,000. */
      backoff: z.strictObject({ initialMs: milliseconds, maxMs: milliseconds }).optional(),
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

export type MskEvent = z.output<typeof mskEventSchema>;
export type S3Event = z.output<typeof s3EventSchema>;
export type CustomSettings = z.output<typeof customSchema>;
