import { z } from 'zod';
import type { ModelTraining } from '../shared/messages/schema.ts';
import { evaluateShape } from '../shared/settings/settings.ts';
import { pointerKey } from '../shared/keys.ts';
import { pointer, pointerOrNone } from '../shared/promotion.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { claimFolder } from '../shared/keys.ts';

/** decision.json: fixed before the choice is made, so that a redelivery decides alike whatever happened meanwhile. */
export const decision = z.object({
  v: z.literal(1),
  settings: z.object(evaluateShape).pick({
    EXPECTED_MODEL_TYPES: true,
    PROMOTION_GATE: true,
    EVALUATION_ALLOW_FAILED: true,
  }),
  incumbent: pointer.nullable(),
});
export type Decision = z.infer<typeof decision>;

/** The claim's decision inputs: those that are stored, else the settings of the message and the pointer of now. */
export async function fixDecision(storage: Storage, message: ModelTraining): Promise<Decision> {
  const { identifier, config_hash, claim_id, settings } = message;
  const key = `${claimFolder(identifier, config_hash, claim_id)}/decision.json`;
  for (;;) {
    const stored = await storage.getJson(BUCKETS.promotion, key, decision);
    if (stored !== undefined) return stored.value;
    const incumbent = await storage.getJson(BUCKETS.promotion, pointerKey(identifier), pointerOrNone);
    const { EXPECTED_MODEL_TYPES, PROMOTION_GATE, EVALUATION_ALLOW_FAILED } = settings;
    const body: Decision = {
      v: 1,
      settings: { EXPECTED_MODEL_TYPES, PROMOTION_GATE, EVALUATION_ALLOW_FAILED },
      incumbent: incumbent?.value ?? null,
    };
    const { written } = await storage.putJson(BUCKETS.promotion, key, body, { ifNoneMatch: true });
    if (written) return body;
  }
}
