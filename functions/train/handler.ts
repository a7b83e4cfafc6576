import { createRuntimePool } from '@flts/model-runtime';
import { randomUUID } from 'node:crypto';
import { kafkaHandler, route } from '../shared/handlers/kafka-handler.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { readSettings } from '../shared/settings.ts';
import { TOPICS } from '../shared/topics.ts';
import { completeTrainingClaim } from './complete-claim.ts';
import { trainerShape } from './schema.ts';
import { train, type Trainer } from './train.ts';

const { MODEL_TYPE } = readSettings(trainerShape, process.env);
const trainer: Trainer = {
  modelType: MODEL_TYPE,
  pool: createRuntimePool({ threads: 1 }),
  holder: randomUUID(),
};

export const handler = kafkaHandler({
  name: `train-${MODEL_TYPE.toLowerCase()}`,
  routes: {
    [TOPICS.trainingData]: route({
      schema: trainingClaim,
      complete: completeTrainingClaim,
      process: (claim, delivery, services) => train(claim, delivery, trainer, services),
    }),
  },
});
