import { describe, expect, it } from 'vitest';
import { chooseChampion, type Candidate } from './champion.ts';
import type { Pointer } from '../shared/promotion.ts';

const figures = (score: number) => ({ rmse: score, mae: score, mse: score, score });

function candidate(modelType: string, score: number, fields: Partial<Candidate> = {}): Candidate {
  return {
    modelType,
    runId: `run-${modelType}`,
    runName: modelType,
    startTime: 1,
    evaluationHash: 'same-origins',
    baseline: false,
    select: figures(score),
    test: figures(score),
    ...fields,
  };
}

const naive = candidate('NAIVE', 0.5, { baseline: true });
const incumbent: Pointer = {
  v: 1,
  identifier: 'mine',
  config_hash: 'c',
  claim_id: 'earlier',
  claimed_at: '2026-01-01T00:00:00.000Z',
  promotion_id: 'p',
  previous_promotion_id: null,
  previous_run_id: null,
  run_id: 'run-incumbent',
  run_name: 'GRU',
  model_type: 'GRU',
  experiment: 'mine',
  model_uri: 'runs:/run-incumbent/GRU',
  evaluation_hash: 'same-origins',
  ...figures(0.3),
  weights: { rmse: 0.5, mae: 0.3, mse: 0.2 },
  timestamp: '2026-01-01T00:00:00.000Z',
  reason: 'best_score',
  scoreboard: [],
};

describe('a champion', () => {
  it('is the model with the lowest select score', () => {
    const models = [candidate('GRU', 0.4), candidate('LSTM', 0.2), candidate('PROPHET', 0.3)];
    expect(chooseChampion({ models, baselines: [naive], gate: 'baseline', incumbent: null })).toEqual({
      champion: models[1],
      reason: 'best_score',
    });
  });

  it('is the newer run where scores tie', () => {
    const models = [candidate('GRU', 0.2, { startTime: 5 }), candidate('LSTM', 0.2, { startTime: 9 })];
    expect(chooseChampion({ models, baselines: [], gate: 'none', incumbent: null })?.champion).toBe(
      models[1],
    );
  });

  it('never looks at test figures', () => {
    const models = [
      candidate('GRU', 0.2, { test: figures(9) }),
      candidate('LSTM', 0.3, { test: figures(0.01) }),
    ];
    expect(chooseChampion({ models, baselines: [naive], gate: 'baseline', incumbent: null })?.champion).toBe(
      models[0],
    );
  });

  it('is nobody where no model finished', () => {
    expect(chooseChampion({ models: [], baselines: [naive], gate: 'none', incumbent: null })).toBeUndefined();
  });
});

describe('the baseline gate', () => {
  it('promotes the best baseline where no model beats it, and says so', () => {
    const better = candidate('SEASONAL_NAIVE', 0.1, { baseline: true });
    const choice = chooseChampion({
      models: [candidate('GRU', 0.2)],
      baselines: [naive, better],
      gate: 'baseline',
      incumbent: null,
    });
    expect(choice).toEqual({ champion: better, reason: 'baseline_not_beaten' });
  });

  it('counts a tie with the baseline as not beaten', () => {
    const choice = chooseChampion({
      models: [candidate('GRU', 0.5)],
      baselines: [naive],
      gate: 'baseline',
      incumbent: null,
    });
    expect(choice?.champion).toBe(naive);
  });

  it('is not there with gate none', () => {
    const model = candidate('GRU', 0.9);
    expect(chooseChampion({ models: [model], baselines: [naive], gate: 'none', incumbent: null })).toEqual({
      champion: model,
      reason: 'best_score',
    });
  });
});

describe('the incumbent gate', () => {
  it('keeps an incumbent that scores as low on the same origins', () => {
    const choice = chooseChampion({
      models: [candidate('GRU', 0.3)],
      baselines: [naive],
      gate: 'incumbent',
      incumbent,
    });
    expect(choice).toEqual({ champion: 'incumbent', reason: 'incumbent_not_beaten' });
  });

  it('lets a better model in', () => {
    const model = candidate('GRU', 0.29);
    expect(
      chooseChampion({ models: [model], baselines: [naive], gate: 'incumbent', incumbent })?.champion,
    ).toBe(model);
  });

  it('does not compare scores of other origins, and says so', () => {
    const model = candidate('GRU', 0.4, { evaluationHash: 'other-origins' });
    const choice = chooseChampion({ models: [model], baselines: [naive], gate: 'incumbent', incumbent });
    expect(choice).toEqual({ champion: model, reason: 'incumbent_not_comparable' });
  });

  it('promotes the incumbent run again where it is the best of a newer claim too', () => {
    const model = candidate('GRU', 0.3, { runId: 'run-incumbent' });
    expect(chooseChampion({ models: [model], baselines: [naive], gate: 'incumbent', incumbent })).toEqual({
      champion: model,
      reason: 'best_score',
    });
  });

  it('without an incumbent is the baseline gate', () => {
    const model = candidate('GRU', 0.4);
    expect(
      chooseChampion({ models: [model], baselines: [naive], gate: 'incumbent', incumbent: null })?.champion,
    ).toBe(model);
  });
});
