import { createRuntimePool } from '@flts/model-runtime';
import { randomUUID } from 'node:crypto';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { claimSettings, kernelShape, readSettings } from '../shared/settings/settings.ts';
import { createRoutes } from './routes.ts';
import { trainerShape } from './schema.ts';

const {
  MODEL_TYPE,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: megabytes,
  WIDE_VECTORS: wideVectors,
  ...settings
} = readSettings({ ...trainerShape, ...kernelShape, ...claimSettings.shape }, process.env);
const trainer = {
  modelType: MODEL_TYPE,
  pool: createRuntimePool({ threads: 1, backend: settings.TFJS_BACKEND, wideVectors }),
  holder: randomUUID(),
  ...(megabytes === undefined ? {} : { memoryBytes: megabytes * 2 ** 20 }),
};

export const handler = kafkaHandler({
  name: `train-${MODEL_TYPE.toLowerCase().replaceAll('_', '-')}`,
  routes: createRoutes(trainer, settings),
});
