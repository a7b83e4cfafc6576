// The keys of AWS's event source mapping that osls does not know: without these it rejects or warns of them. Ranges
// are checked by this plugin itself, see settings/mapping-event.ts.

const destinations = {
  type: 'object',
  properties: { onFailure: { type: 'string' } },
  additionalProperties: false,
};

/** Of `msk` and of `kafka` events. */
export const MAPPING_PROPERTIES = {
  maximumRetryAttempts: { type: 'number' },
  maximumRecordAgeInSeconds: { type: 'number' },
  maximumRecordAge: { type: 'number' },
  bisectBatchOnFunctionError: { type: 'boolean' },
  functionResponseType: { type: 'string' },
  destinations,
};

export const S3_PROPERTIES = { destinations };
