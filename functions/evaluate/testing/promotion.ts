import type { Pointer } from '../../shared/promotion.ts';

/** A pointer as an earlier claim of `mine` left it. */
export function promotion(fields: Partial<Pointer> = {}): Pointer {
  return {
    v: 1,
    identifier: 'mine',
    config_hash: 'config',
    claim_id: 'claim-0',
    claimed_at: '2024-01-01T00:00:00.000Z',
    promotion_id: 'aaaaaaaa-1',
    previous_promotion_id: null,
    previous_run_id: null,
    run_id: 'run-1',
    run_name: 'GRU',
    model_type: 'GRU',
    experiment: 'mine',
    model_uri: 'runs:/run-1/GRU',
    evaluation_hash: 'origins',
    rmse: 0.3,
    mae: 0.3,
    mse: 0.3,
    score: 0.3,
    weights: { rmse: 0.5, mae: 0.3, mse: 0.2 },
    timestamp: '2024-01-01T00:00:00.000Z',
    reason: 'best_score',
    scoreboard: [],
    ...fields,
  };
}
