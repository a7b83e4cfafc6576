import { z } from 'zod';
import { scoreWeights } from './messages/schema.ts';

const figures = z.object({ rmse: z.number(), mae: z.number(), mse: z.number(), score: z.number() });

/** One line of the scoreboard: `select` made the decision, `test` is reported. */
export const scoreboardLine = z.object({
  model_type: z.string(),
  run_id: z.string(),
  baseline: z.boolean(),
  select: figures,
  test: figures,
});
export type ScoreboardLine = z.infer<typeof scoreboardLine>;

/**
 * What model-promotion/<identifier>/current.json, its history objects and the root pointer hold.
 * Nothing in it depends on when it is written: a redelivery writes the same bytes.
 */
export const pointer = z.object({
  v: z.literal(1),
  identifier: z.string(),
  config_hash: z.string(),
  claim_id: z.string(),
  claimed_at: z.string(),
  promotion_id: z.string(),
  previous_promotion_id: z.string().nullable(),
  previous_run_id: z.string().nullable(),
  run_id: z.string(),
  run_name: z.string(),
  model_type: z.string(),
  experiment: z.string(),
  model_uri: z.string(),
  evaluation_hash: z.string(),
  rmse: z.number(),
  mae: z.number(),
  mse: z.number(),
  score: z.number(),
  weights: scoreWeights,
  timestamp: z.string(),
  reason: z.string(),
  scoreboard: z.array(scoreboardLine),
});
export type Pointer = z.infer<typeof pointer>;

/** What lies where a pointer does: undefined for what is none, so that its ETag is known and it can be replaced. */
export const pointerOrNone = pointer.optional().catch(undefined);
