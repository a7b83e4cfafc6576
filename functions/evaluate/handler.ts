import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler, route } from '../shared/handlers/kafka-handler.ts';
import { modelTraining } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { evaluate } from './evaluate.ts';

const pool = createRuntimePool({ threads: 1 });

export const handler = kafkaHandler({
  name: 'evaluate',
  routes: {
    [TOPICS.modelTraining]: route({
      schema: modelTraining,
      process: (message, delivery, services) => evaluate(message, delivery, pool, services),
    }),
  },
});
