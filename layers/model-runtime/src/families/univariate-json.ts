import { z } from 'zod';

/** What is stored of one target. States and parameters are as the method writes them. */
export const univariateFit = z.object({
  parameters: z.json(),
  /** Rows; 1: none. */
  season: z.number().int().min(1),
  /** Times of the first row of the fit, and of the last, which `state` has seen; epoch ms. */
  first: z.number(),
  last: z.number(),
  rows: z.number().int().min(1),
  state: z.json(),
  /** The state after the newest stored row, with the same parameters: what a forecast after that row goes on from. */
  newest: z.object({ ts: z.number(), state: z.json() }),
});
export type UnivariateFit = z.infer<typeof univariateFit>;
