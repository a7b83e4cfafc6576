import { describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { TOPICS } from '../shared/topics.ts';
import { createStage, hourlyCsv, HOUR_MS, START } from './testing/stage.ts';

describe('preprocess', () => {
  it('turns a CSV file into Parquet files of original units, meta.json and two claims', async () => {
    const stage = createStage();
    const upload = await stage.put('my data.csv', hourlyCsv(200));

    await stage.run(upload);

    const [training] = stage.publisher.messages(TOPICS.trainingData);
    const { meta, series } = await loadDataset(stage.storage, 'my data', String(training?.['config_hash']));
    expect(meta.segments).toEqual({
      fit: { start: 0, end: 140 },
      validate: { start: 140, end: 160 },
      select: { start: 160, end: 180 },
      test: { start: 180, end: 200 },
    });
    expect(meta.frequency).toEqual({ stepMs: HOUR_MS, businessDays: false });
    expect([...series.ts]).toEqual(Array.from({ length: 200 }, (_, row) => START + row * HOUR_MS));
    expect(series.columns['load']?.slice(0, 3)).toEqual(Float64Array.of(100, 104, 108));
    expect(series.actual['load']).toEqual(series.columns['load']);
    expect(stage.publisher.messages(TOPICS.inferenceData)).toHaveLength(1);
  });
});
