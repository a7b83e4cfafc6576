import { createRuntimePool } from '@flts/model-runtime';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { backendShape, kernelShape, readSettings } from '../shared/settings/settings.ts';
import { createRoutes } from './routes.ts';

const shape = { ...backendShape, ...kernelShape };
const { TFJS_BACKEND: backend, WIDE_VECTORS: wideVectors } = readSettings(shape, process.env);

export const handler = kafkaHandler({
  name: 'evaluate',
  routes: createRoutes(createRuntimePool({ threads: 1, backend, wideVectors })),
});
