import { FAMILIES } from '@flts/model-runtime/families';
import { EVALUATE_SETTINGS } from '../shared/settings/training.ts';
import type { Stage, StageFunction } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

/**
 * Trained where nobody says what to: their trainers see every claim. Others are woken only by claims whose EXPECTED_MODEL_TYPES
 * names one of theirs, or that a user published without settings, since the trainer's own settings decide then.
 */
const USUAL: readonly string[] = EVALUATE_SETTINGS.EXPECTED_MODEL_TYPES.schema.parse(undefined);

export const trainStage = {
  name: 'train',
  says: `A trainer waits for a rival's lease, so its attempts times back-off come to more than 900 s.
A training that takes longer than the time-out hands its claim on and continues (functions/train/README.md).`,
  functions: trainers(),
  settings: ['training', 'kernels'],
  timeoutS: 840,
  memoryMb: 3008,
  // The rows of a data set, as it is downloaded.
  temporaryMb: 4096,
  publishes: [TOPICS.trainingData, TOPICS.modelTraining],
  reports: 'a model type',
} as const satisfies Stage;

/** One function a trainer that the families name, with the types that it trains. */
function trainers(): readonly StageFunction[] {
  const names = new Set(FAMILIES.flatMap(({ trainer: name }) => name ?? []));
  return [...names].map((name) =>
    trainer(
      name,
      FAMILIES.filter((family) => family.trainer === name).map(({ type }) => type),
    ),
  );
}

function trainer(name: string, types: readonly string[]): StageFunction {
  const isUsual = types.some((type) => USUAL.includes(type));
  const named = types.map((type) => ({ settings: { EXPECTED_MODEL_TYPES: [type] } }));
  const unsaid = { settings: { EXPECTED_MODEL_TYPES: [{ exists: false }] } };
  return {
    name,
    environment: { MODEL_TYPE: types.join(',') },
    reads: [
      {
        topic: TOPICS.trainingData,
        batchSize: 1,
        attempts: 40,
        pollers: 4,
        ...(isUsual ? {} : { filters: [...named, unsaid] }),
      },
    ],
  };
}
