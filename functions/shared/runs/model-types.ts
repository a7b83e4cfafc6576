import type { TrainingFacts, TrainSettings } from '@flts/model-runtime';
import { FAMILIES } from '@flts/model-runtime/families';
import type { DatasetMeta } from '../dataset/meta.ts';
import type { ClaimSettings } from '../settings/settings.ts';
import { AUTO } from '../settings/training.ts';
import { withLengths } from './lengths.ts';
import { trainSettings } from './training-key.ts';

/** Takes a few rows, and is as good as any on them. */
const SIMPLEST = 'AUTOTHETA';

/** The settings of a claim, with all that is auto decided by the rows: once, by preprocess, so that all stages mean the same. */
export function settingsForRows(settings: ClaimSettings, meta: DatasetMeta): ClaimSettings {
  return withModelTypes(withLengths(settings, meta), meta);
}

/**
 * The settings with EXPECTED_MODEL_TYPES written out: where it is auto, the families that the rows of `fit` suffice for, the
 * cheapest first, as many as TRAIN_BUDGET allows.
 */
export function withModelTypes(
  settings: ClaimSettings,
  meta: Pick<DatasetMeta, 'segments' | 'roles'>,
): ClaimSettings {
  if (!settings.EXPECTED_MODEL_TYPES.includes(AUTO)) return settings;
  const { fit, validate } = meta.segments;
  const facts = {
    rows: fit.end - fit.start,
    validateRows: validate.end - validate.start,
    targets: meta.roles.targets.length,
  };
  const types = chosen(facts, trainSettings(settings), settings.TRAIN_BUDGET);
  // Nobody has asked for each of them: one that fails does not keep the others from being promoted.
  return { ...settings, EXPECTED_MODEL_TYPES: types, EVALUATION_ALLOW_FAILED: true };
}

function chosen(facts: Omit<TrainingFacts, 'settings'>, settings: TrainSettings, budget: number): string[] {
  const able = FAMILIES.flatMap(({ type, seconds }) => {
    const cost = seconds?.({ ...facts, settings });
    return cost === undefined ? [] : [{ type, cost }];
  });
  let spent = 0;
  const affordable = able
    .toSorted((a, b) => a.cost - b.cost)
    .filter(({ cost }) => (spent += cost) <= budget)
    .map(({ type }) => type);
  // In the order of the list, so that equal choices are equal settings.
  const types = FAMILIES.map(({ type }) => type).filter((type) => affordable.includes(type));
  return types.length === 0 ? [SIMPLEST] : types;
}
