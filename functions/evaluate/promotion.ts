import { contentHash } from '../shared/hash.ts';
import type { Envelope } from '../shared/messages/schema.ts';
import type { Pointer, ScoreboardLine } from '../shared/promotion.ts';
import { SCORE_WEIGHTS } from '../shared/runs/complete-run.ts';
import type { Candidate, Choice } from './champion.ts';

export interface PromotionOf {
  readonly claim: Envelope;
  readonly choice: Choice;
  readonly models: readonly Candidate[];
  readonly baselines: readonly Candidate[];
  readonly incumbent: Pointer | null;
}

/** The promotion of a claim's choice: a pure function, equal however often and whenever it is made. */
export function promotionOf({ claim, choice, models, baselines, incumbent }: PromotionOf): Pointer {
  const { identifier, config_hash, claim_id, claimed_at } = claim;
  const promotionId = contentHash({ claim_id, runs: models.map(({ runId }) => runId).toSorted() });
  const common = {
    v: 1 as const,
    identifier,
    claim_id,
    claimed_at,
    promotion_id: promotionId,
    previous_promotion_id: incumbent?.promotion_id ?? null,
    previous_run_id: incumbent?.run_id ?? null,
    weights: SCORE_WEIGHTS,
    timestamp: claimed_at,
    reason: choice.reason,
    scoreboard: [...models, ...baselines].map(toLine).toSorted((a, b) => a.select.score - b.select.score),
  };
  if (choice.champion === 'incumbent') {
    if (incumbent === null) throw new TypeError('expected an incumbent to keep, got none');
    return { ...incumbent, ...common };
  }
  const { runId, runName, modelType, evaluationHash, select } = choice.champion;
  return {
    ...common,
    config_hash,
    run_id: runId,
    run_name: runName,
    model_type: modelType,
    experiment: identifier,
    model_uri: `runs:/${runId}/${runName}`,
    evaluation_hash: evaluationHash,
    ...select,
  };
}

function toLine({ modelType, runId, baseline, select, test }: Candidate): ScoreboardLine {
  return { model_type: modelType, run_id: runId, baseline, select, test };
}
