import { loadForecaster } from '@flts/model-runtime';
import { describe, expect, it } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { loadDataset } from '../shared/dataset/load.ts';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { resultLine } from '../shared/messages/schema.ts';
import { createServingModels } from '../shared/serving/serving-models.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { promotedWorld } from '../shared/testing/promoted.ts';
import { SERVING_DEFAULTS } from '../shared/testing/settings.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { TOPICS } from '../shared/topics.ts';
import { createRoutes } from './routes.ts';

const ROWS = 300;

describe('a claim with a network over lags', () => {
  it('is forecast over every row of the test file as in training, and once beyond it', async () => {
    const world = await promotedWorld('load', 'GRU', {
      csv: hourlyCsv(ROWS),
      testCsv: hourlyCsv(40, START + ROWS * HOUR_MS),
      config: { LAGS_N: 2, LAGS_STEP: 24, TRAILING_MEANS: [6] },
    });
    const routes = createRoutes(createThreadlessPool(), SERVING_DEFAULTS);
    const handler = kafkaHandler({ name: 'infer', routes, services: world.services });
    const record = mskRecord({ topic: TOPICS.inferenceData, value: world.inference });
    expect(failures(await handler(mskEvent(record), context))).toEqual({});

    const line = resultLine.parse(world.publisher.messages(TOPICS.inferenceResults)[0]?.['line']);
    expect(line.metrics).toMatchObject({ overlap_rows: 40, rows_predicted: 46 });
    const served = await createServingModels(world.services).current('load');
    const { series } = await loadDataset(world.storage, 'load', world.inference.config_hash);
    const forecaster = await loadForecaster(served?.model.files ?? []);
    const scaler = served?.model.scaler ?? {
      format: 'flts-scaler/1' as const,
      kind: 'none' as const,
      columns: {},
    };
    const { values } = forecaster.backtest({ scaler, series, origins: Int32Array.of(ROWS), horizon: 6 });
    forecaster.dispose();
    expect(line.samples.slice(0, 6).map(({ pred }) => pred['load'])).toEqual([...(values['load'] ?? [])]);
  });
});
