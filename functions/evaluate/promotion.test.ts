import { describe, expect, it } from 'vitest';
import { contentHash } from '../shared/hash.ts';
import type { Candidate } from './champion.ts';
import { promotionOf } from './promotion.ts';
import { outcome } from './testing/evaluator.ts';
import { promotion } from './testing/promotion.ts';

function candidate(modelType: string, score: number, baseline = false): Candidate {
  const figures = { rmse: score, mae: score + 1, mse: score + 2, score };
  const runId = `run-${modelType}`;
  return {
    modelType,
    runId,
    runName: modelType,
    startTime: 1,
    evaluationHash: 'origins',
    baseline,
    select: figures,
    test: figures,
  };
}

const gru = candidate('GRU', 0.4);
const lstm = candidate('LSTM', 0.5);
const naive = candidate('NAIVE', 0.45, true);
const claim = outcome('GRU');
const of = { claim, models: [lstm, gru], baselines: [naive], incumbent: null };

describe('a promotion', () => {
  it('is named by claim and runs, in whatever order they came', () => {
    const choice = { champion: gru, reason: 'best_score' };
    const made = promotionOf({ ...of, choice });
    expect(made.promotion_id).toBe(contentHash({ claim_id: 'claim-1', runs: ['run-GRU', 'run-LSTM'] }));
    expect(promotionOf({ ...of, models: [gru, lstm], choice })).toEqual(made);
    expect(promotionOf({ ...of, models: [gru], choice }).promotion_id).not.toBe(made.promotion_id);
  });

  it('points at the champion, with its own figures', () => {
    expect(promotionOf({ ...of, choice: { champion: gru, reason: 'best_score' } })).toMatchObject({
      identifier: 'load',
      config_hash: 'config',
      claim_id: 'claim-1',
      claimed_at: claim.claimed_at,
      timestamp: claim.claimed_at,
      run_id: 'run-GRU',
      run_name: 'GRU',
      model_uri: 'runs:/run-GRU/GRU',
      experiment: 'load',
      evaluation_hash: 'origins',
      rmse: 0.4,
      mae: 1.4,
      mse: 2.4,
      score: 0.4,
      previous_promotion_id: null,
      previous_run_id: null,
    });
  });

  it('may point at a baseline, and its scoreboard has everyone, the best first', () => {
    const made = promotionOf({ ...of, choice: { champion: naive, reason: 'baseline_not_beaten' } });
    expect(made).toMatchObject({ run_id: 'run-NAIVE', model_type: 'NAIVE', reason: 'baseline_not_beaten' });
    expect(made.scoreboard.map(({ model_type }) => model_type)).toEqual(['GRU', 'NAIVE', 'LSTM']);
  });

  it('that keeps the incumbent is one of this claim, of the incumbent’s run and data', () => {
    const incumbent = promotion({ identifier: 'load', config_hash: 'earlier', run_id: 'run-0' });
    const made = promotionOf({
      ...of,
      incumbent,
      choice: { champion: 'incumbent', reason: 'incumbent_not_beaten' },
    });
    expect(made).toMatchObject({
      claim_id: 'claim-1',
      claimed_at: claim.claimed_at,
      run_id: 'run-0',
      config_hash: 'earlier',
      score: 0.3,
      previous_run_id: 'run-0',
      previous_promotion_id: incumbent.promotion_id,
      reason: 'incumbent_not_beaten',
    });
    expect(made.promotion_id).not.toBe(incumbent.promotion_id);
  });
});
