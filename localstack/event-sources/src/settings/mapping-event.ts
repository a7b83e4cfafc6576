// The shapes of `msk` and `kafka` events: AWS's names and ranges, an unknown key or a value out of range is an error.
import { z } from 'zod';
import { DESTINATION_EXPECTED, parseDestination } from '../failure/destination.ts';
import { InvalidPatternError } from '../filter/invalid-pattern.ts';
import { compileRecordFilter } from '../filter/record-filter.ts';

const destination = z
  .string()
  .refine((text) => parseDestination(text) !== undefined, `expected ${DESTINATION_EXPECTED}`);

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

const pollers = z
  .strictObject({
    minimumPollers: z.number().int().min(1).max(200).optional(),
    maximumPollers: z.number().int().min(1).max(2000).optional(),
  })
  .refine(
    ({ minimumPollers = 1, maximumPollers = 200 }) => minimumPollers <= maximumPollers,
    'expected minimumPollers of at most maximumPollers',
  );

const foreverOr = (minimum: number, maximum: number) =>
  z
    .number()
    .refine(
      (value) => value === -1 || (Number.isInteger(value) && value >= minimum && value <= maximum),
      `expected -1, or ${minimum} to ${maximum}`,
    );

const topicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'expected a topic name');

const mappingFields = {
  topic: topicName,
  /** Records in one invoke, 1 to 10,000. */
  batchSize: z.number().int().min(1).max(10_000).default(100),
  /** Whole seconds to gather a batch, 0 to 300; without it half a second. */
  maximumBatchingWindow: z.number().int().min(0).max(300).optional(),
  startingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).default('TRIM_HORIZON'),
  /** Unix time in seconds. */
  startingPositionTimestamp: z.number().min(0).optional(),
  consumerGroupId: z
    .string()
    .regex(/^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/, 'expected 1 to 200 of a-z A-Z 0-9 -/*:_+=.@')
    .optional(),
  enabled: z.boolean().default(true),
  filterPatterns: filterPatterns.optional(),
  /** Attempts after the first, 0 to 10,000; -1 for ever. */
  maximumRetryAttempts: foreverOr(0, 10_000).default(-1),
  /** Seconds, 60 to 604,800; -1 for any age. */
  maximumRecordAgeInSeconds: foreverOr(60, 604_800).optional(),
  /** The same under a shorter name. */
  maximumRecordAge: foreverOr(60, 604_800).optional(),
  bisectBatchOnFunctionError: z.boolean().default(false),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
  destinations: z.strictObject({ onFailure: destination.optional() }).optional(),
  provisionedPollerConfig: pollers.optional(),
};

/** A string, or a CloudFormation reference that only a deployment resolves. */
const reference = z.union([z.string().min(1), z.record(z.string(), z.unknown())]);

const mskSchema = z
  .strictObject({ arn: reference, saslScram512: reference.optional(), ...mappingFields })
  .superRefine(checkTogether)
  .transform((event) => settle(event, { kind: 'msk', arn: event.arn }));

const kafkaSchema = z
  .strictObject({
    bootstrapServers: z.array(z.string().min(1)).min(1),
    /** For a deployment: how the function reaches and proves itself to the cluster. */
    accessConfigurations: z.record(z.string(), z.unknown()).optional(),
    /** osls's own name of destinations.onFailure. */
    onFailureDestination: destination.optional(),
    ...mappingFields,
  })
  .superRefine(checkTogether)
  .transform((event) =>
    settle(event, { kind: 'kafka', bootstrapServers: event.bootstrapServers }, event.onFailureDestination),
  );

/** Leaves out what only one kind of event has. */
const sharedFields = z.object(mappingFields);

type Fields = z.output<typeof sharedFields>;

export type EventSource =
  | { readonly kind: 'msk'; readonly arn: string | Record<string, unknown> }
  | { readonly kind: 'kafka'; readonly bootstrapServers: readonly string[] };

export interface MappingEvent extends Omit<
  Fields,
  'destinations' | 'maximumRecordAge' | 'maximumRecordAgeInSeconds'
> {
  readonly source: EventSource;
  readonly maximumRecordAgeInSeconds: number;
  /** As written: `kafka://<topic>` or a bucket's ARN. */
  readonly onFailure: string | undefined;
}

export const MAPPING_EVENTS = { msk: mskSchema, kafka: kafkaSchema } as const;

function settle(event: Fields, source: EventSource, alias?: string): MappingEvent {
  const {
    destinations,
    maximumRecordAge,
    maximumRecordAgeInSeconds = maximumRecordAge ?? -1,
    ...rest
  } = sharedFields.parse(event);
  return { ...rest, source, maximumRecordAgeInSeconds, onFailure: destinations?.onFailure ?? alias };
}

/** What no key can tell by itself. */
function checkTogether(
  fields: Fields & { readonly onFailureDestination?: string | undefined },
  context: z.RefinementCtx,
): void {
  const refuse = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  const { startingPosition, startingPositionTimestamp: timestamp, topic } = fields;
  if ((startingPosition === 'AT_TIMESTAMP') !== (timestamp !== undefined)) {
    refuse(
      'startingPositionTimestamp',
      'expected a Unix time with startingPosition AT_TIMESTAMP, and with no other',
    );
  }
  if (timestamp !== undefined && timestamp * 1000 > Date.now()) {
    refuse('startingPositionTimestamp', 'expected a Unix time in seconds that is not in the future');
  }
  if (fields.maximumRecordAge !== undefined && fields.maximumRecordAgeInSeconds !== undefined) {
    refuse('maximumRecordAge', 'expected maximumRecordAgeInSeconds alone');
  }
  for (const onFailure of [fields.destinations?.onFailure, fields.onFailureDestination]) {
    if (onFailure === `kafka://${topic}`) refuse('destinations', 'expected a topic other than the source');
  }
}

/** The keys that AWS takes for Kafka in provisioned mode alone. */
export function keysOfProvisionedMode(event: MappingEvent): string[] {
  const used = {
    maximumRetryAttempts: event.maximumRetryAttempts !== -1,
    maximumRecordAgeInSeconds: event.maximumRecordAgeInSeconds !== -1,
    bisectBatchOnFunctionError: event.bisectBatchOnFunctionError,
    functionResponseType: event.functionResponseType !== undefined,
    'destinations.onFailure': event.onFailure?.startsWith('kafka://') ?? false,
  };
  return Object.entries(used).flatMap(([key, isUsed]) => (isUsed ? [key] : []));
}
