import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { readSettings, servingShape } from '../shared/settings/settings.ts';
import { createRoutes } from './routes.ts';

const settings = readSettings(servingShape, process.env);
const { TFJS_BACKEND: backend, WIDE_VECTORS: wideVectors } = settings;
const pool = createRuntimePool({ threads: 1, backend, wideVectors });

export const handler = kafkaHandler({
  name: 'infer',
  routes: createRoutes(pool, settings),
});
