import { createRuntimePool } from '@flts/model-runtime';
import { randomUUID } from 'node:crypto';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { claimSettings, readSettings } from '../shared/settings.ts';
import { createRoutes } from './routes.ts';
import { trainerShape } from './schema.ts';

const { MODEL_TYPE, ...settings } = readSettings({ ...trainerShape, ...claimSettings.shape }, process.env);
const trainer = { modelType: MODEL_TYPE, pool: createRuntimePool({ threads: 1 }), holder: randomUUID() };

export const handler = kafkaHandler({
  name: `train-${MODEL_TYPE.toLowerCase()}`,
  routes: createRoutes(trainer, settings),
});
