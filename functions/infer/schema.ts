import { z } from 'zod';
import { inferenceClaim } from '../shared/messages/schema.ts';

/** A claim to forecast, complete. */
export const forecastClaim = inferenceClaim.extend({
  /** false for claims by the thousand, whose reports nobody would read. */
  report_status: z.boolean().default(true),
});
export type ForecastClaim = z.infer<typeof forecastClaim>;

/** processed-data/<identifier>/pending/<claim_id>.json: a claim that came before there was a model for it. */
export const pendingClaim = z.object({
  v: z.literal(1),
  claim: forecastClaim,
  correlation_id: z.string(),
  /** Epoch ms; past it the claim is dropped. */
  deadline_ms: z.number().nullable(),
});
export type PendingClaim = z.infer<typeof pendingClaim>;
