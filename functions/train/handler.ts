import { createRuntimePool } from '@flts/model-runtime';
import { randomUUID } from 'node:crypto';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { claimSettings, kernelShape, readSettings } from '../shared/settings/settings.ts';
import { createRoutes } from './routes.ts';
import { trainerShape } from './schema.ts';
import { trainStage } from './stage.ts';

const {
  MODEL_TYPE: modelTypes,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: megabytes,
  WIDE_VECTORS: wideVectors,
  ...settings
} = readSettings({ ...trainerShape, ...kernelShape, ...claimSettings.shape }, process.env);
const trainer = {
  modelTypes,
  pool: createRuntimePool({ threads: 1, backend: settings.TFJS_BACKEND, wideVectors }),
  holder: randomUUID(),
  ...(megabytes === undefined ? {} : { memoryBytes: megabytes * 2 ** 20 }),
};

export const handler = kafkaHandler({
  name:
    trainStage.functions.find(({ environment }) => environment?.['MODEL_TYPE'] === modelTypes.join())?.name ??
    'train',
  routes: createRoutes(trainer, settings),
});
