import { FAMILIES } from '@flts/model-runtime/families';
import type { Stage, StageFunction } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

/** Its types are among those of nearly every claim. */
const HEARS_ALL = 'train-statistical';

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
  // Claims that name none of its types do not even wake it. One that a user publishes without settings does: the trainer's own
  // settings decide then. One trainer hears of every record, since a filter drops what is no claim at all, which is to be given up.
  const named = { settings: { EXPECTED_MODEL_TYPES: types } };
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
        ...(name === HEARS_ALL ? {} : { filters: [named, unsaid] }),
      },
    ],
  };
}
