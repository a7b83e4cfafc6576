import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { createRoutes } from './routes.ts';

export const handler = kafkaHandler({
  name: 'evaluate',
  routes: createRoutes(createRuntimePool({ threads: 1 })),
});
