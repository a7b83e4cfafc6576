import type { Pointer } from '../shared/promotion.ts';
import type { evaluateShape } from '../shared/settings/settings.ts';
import type { z } from 'zod';

export interface Figures {
  readonly rmse: number;
  readonly mae: number;
  readonly mse: number;
  readonly score: number;
}

/** A finished run of the claim, or a baseline. */
export interface Candidate {
  readonly modelType: string;
  readonly runId: string;
  readonly runName: string;
  /** Epoch ms; a tie of scores goes to the newer. */
  readonly startTime: number;
  readonly evaluationHash: string;
  readonly baseline: boolean;
  readonly select: Figures;
  readonly test: Figures;
}

export interface Choice {
  readonly champion: Candidate | 'incumbent';
  readonly reason: string;
}

export interface ChoiceOf {
  readonly models: readonly Candidate[];
  readonly baselines: readonly Candidate[];
  readonly gate: z.infer<typeof evaluateShape.PROMOTION_GATE>;
  readonly incumbent: Pointer | null;
}

/**
 * How a champion is chosen: the lowest `select` score among the models; a tie goes to the newer run. Then the gate:
 * - `none`: that model.
 * - `baseline`: that model, unless the best baseline scores as low; then the baseline.
 * - `incumbent`: as `baseline`, and the winner must also score lower than the incumbent on the same origins, else the
 *   incumbent stays. Scores of other origins cannot be compared: then as `baseline`, and the reason says so.
 * `test` figures are never read. Returns undefined where there is no model.
 */
export function chooseChampion({ models, baselines, gate, incumbent }: ChoiceOf): Choice | undefined {
  const model = best(models);
  if (model === undefined) return undefined;
  if (gate === 'none') return { champion: model, reason: 'best_score' };
  const baseline = best(baselines);
  const beaten = baseline === undefined || model.select.score < baseline.select.score;
  const winner: Choice = beaten
    ? { champion: model, reason: 'best_score' }
    : { champion: baseline, reason: 'baseline_not_beaten' };
  if (gate === 'baseline' || incumbent === null) return winner;
  if (incumbent.evaluation_hash !== model.evaluationHash)
    return { ...winner, reason: 'incumbent_not_comparable' };
  const challenger = winner.champion === 'incumbent' ? model : winner.champion;
  if (challenger.runId === incumbent.run_id || challenger.select.score < incumbent.score) return winner;
  return { champion: 'incumbent', reason: 'incumbent_not_beaten' };
}

function best(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted(
    (a, b) => a.select.score - b.select.score || b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1),
  )[0];
}
