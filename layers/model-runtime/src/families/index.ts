// What there is to forecast with. A new family is its folder and an entry here (a network's in networks.ts): the known types,
// what EXPECTED_MODEL_TYPES allows, the trainers of serverless.yml, what loadForecaster takes, the training_key and the table
// in docs/families.md follow from it.
import { RuntimeError } from '../errors.ts';
import { networkFamily } from '../networks/network-family.ts';
import type { ModelType, TrainSettings } from '../types.ts';
import { autoArima } from './arima/auto-arima.ts';
import { autoCes } from './ces/auto-ces.ts';
import { crostonSba, tsb } from './croston/demand.ts';
import { drift } from './drift/random-walk.ts';
import { ensemble } from './ensemble/ensemble.ts';
import { autoEts } from './ets/auto-ets.ts';
import type { Family } from './family.ts';
import { meanWindow } from './mean-window/mean-window.ts';
import { mfles } from './mfles/boosted-seasons.ts';
import { mstl } from './mstl/multiple-seasons.ts';
import { naive } from './naive/naive.ts';
import { NETWORKS } from './networks.ts';
import { prophet } from './prophet/prophet.ts';
import { seasonalNaive } from './seasonal-naive/seasonal-naive.ts';
import { digestOf } from './shared-parts.ts';
import { autoTheta } from './theta/auto-theta.ts';

export const FAMILIES: readonly Family[] = [
  ...NETWORKS.map(networkFamily),
  prophet,
  autoEts,
  autoTheta,
  autoCes,
  autoArima,
  mstl,
  mfles,
  crostonSba,
  tsb,
  ensemble,
  naive,
  drift,
  seasonalNaive,
  meanWindow,
];

export const MODEL_TYPES: readonly ModelType[] = FAMILIES.map(({ type }) => type);
/** Fitted by evaluate, beside every claim's models. */
export const BASELINE_TYPES: readonly ModelType[] = FAMILIES.flatMap(({ type, trainer, combines }) =>
  trainer === null && combines === undefined ? [type] : [],
);
/** Trained where a claim asks for them. */
export const TRAINED_TYPES: readonly ModelType[] = FAMILIES.flatMap(({ type, trainer }) =>
  trainer === null ? [] : [type],
);

/** @throws RuntimeError unknown_model_type */
export function familyOf(modelType: ModelType): Family {
  const family = FAMILIES.find(({ type }) => type === modelType);
  if (family !== undefined) return family;
  throw new RuntimeError(
    'unknown_model_type',
    `expected a model type among ${MODEL_TYPES.join(', ')}, got ${modelType}`,
  );
}

/** Every run is scored on windows of these, whatever its family reads. */
const SCORED_WITH: readonly (keyof TrainSettings)[] = ['inputSeqLen', 'outputSeqLen'];

/**
 * What a model is beside its data: equal identities, equal models. Changes with the family's version, the code that it
 * shares with others, and the settings that it reads.
 */
export function familyIdentity(
  modelType: ModelType,
  settings: TrainSettings,
): Readonly<Record<string, unknown>> {
  const { version, shares, settings: read } = familyOf(modelType);
  const names = new Set([...SCORED_WITH, ...read]);
  return {
    model_type: modelType,
    version,
    shared: Object.fromEntries([...shares, 'evaluation' as const].map((part) => [part, digestOf(part)])),
    settings: Object.fromEntries(
      Object.entries(settings).filter(([name]) => names.has(name as keyof TrainSettings)),
    ),
  };
}
