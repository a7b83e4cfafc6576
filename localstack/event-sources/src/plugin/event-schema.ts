// The keys of AWS's event source mapping that osls does not know: without these it rejects or warns of them.

const destinations = {
  type: 'object',
  properties: { onFailure: { type: 'string', pattern: '^kafka://.+$' } },
  additionalProperties: false,
};

export const MSK_PROPERTIES = {
  maximumRetryAttempts: { type: 'number', minimum: -1, maximum: 10_000 },
  functionResponseType: { type: 'string', enum: ['ReportBatchItemFailures'] },
  destinations,
};

export const S3_PROPERTIES = { destinations };
