import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { readSettings, servingShape } from '../shared/settings.ts';
import { createRoutes } from './routes.ts';

export const handler = kafkaHandler({
  name: 'infer',
  routes: createRoutes(createRuntimePool({ threads: 1 }), readSettings(servingShape, process.env)),
});
