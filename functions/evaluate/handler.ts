import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { backendShape, readSettings } from '../shared/settings.ts';
import { createRoutes } from './routes.ts';

const { TFJS_BACKEND: backend } = readSettings(backendShape, process.env);

export const handler = kafkaHandler({
  name: 'evaluate',
  routes: createRoutes(createRuntimePool({ threads: 1, backend })),
});
