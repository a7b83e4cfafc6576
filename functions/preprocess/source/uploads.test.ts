import { describe, expect, it } from 'vitest';
import { HOUR_MS, START } from '../../shared/testing/tables.ts';
import { createStage, hourlyCsv } from '../testing/stage.ts';
import { TOPICS } from '../../shared/topics.ts';

const train = hourlyCsv(100);
const test = hourlyCsv(20, START + 100 * HOUR_MS);

describe('uploads of a test file', () => {
  it('wait for their training file, whose claim then covers both', async () => {
    const stage = createStage();
    const first = await stage.put('x_test.csv', test);
    await stage.run(first);

    expect(stage.publisher.sent).toEqual([]);
    expect(await stage.status('x', first)).toMatchObject({
      state: 'WAITING',
      message: 'waits for its training file dataset/x.csv',
    });

    const second = await stage.put('x.csv', train);
    await stage.run(second);

    expect(await stage.status('x', second)).toMatchObject({
      state: 'SUCCESS',
      rows: { train: 100, test: 20 },
    });
    expect(stage.publisher.messages(TOPICS.trainingData)).toHaveLength(1);
  });

  it('start the pipeline with their own claim where the training file was claimed before', async () => {
    const stage = createStage();
    await stage.run(await stage.put('x.csv', train));
    const upload = await stage.put('x_test.csv', test);
    await stage.run(upload);

    expect(await stage.status('x', upload)).toMatchObject({
      state: 'SUCCESS',
      rows: { train: 100, test: 20 },
    });
    const claims = stage.publisher.messages(TOPICS.trainingData);
    expect(claims.map(({ claim_id }) => claim_id).at(-1)).toBe(upload.claimId);
    expect(new Set(claims.map(({ config_hash }) => config_hash)).size).toBe(2);
  });

  it('run once where both files are there before either is handled', async () => {
    const stage = createStage();
    const first = await stage.put('x_test.csv', test);
    const second = await stage.put('x.csv', train);
    await stage.run(first);
    await stage.run(second);

    expect(await stage.status('x', first)).toMatchObject({
      state: 'WAITING',
      message: 'waits for the claim of dataset/x.csv, which covers both files',
    });
    expect(stage.publisher.messages(TOPICS.trainingData).map(({ claim_id }) => claim_id)).toEqual([
      second.claimId,
    ]);
  });

  it('run once, and lose nothing, where notifications come in the other order', async () => {
    const stage = createStage();
    const first = await stage.put('x_test.csv', test);
    const second = await stage.put('x.csv', train);
    await stage.run(second);
    await stage.run(first);

    expect(await stage.status('x', first)).toMatchObject({
      state: 'WAITING',
      message: 'waits for the claim of dataset/x.csv, which covers both files',
    });
    expect(await stage.status('x', second)).toMatchObject({
      state: 'SUCCESS',
      rows: { train: 100, test: 20 },
    });
    expect(stage.publisher.messages(TOPICS.trainingData)).toHaveLength(1);
  });

  it('start the pipeline anew where the very same file comes again later', async () => {
    const stage = createStage();
    await stage.put('x_test.csv', test);
    await stage.run(await stage.put('x.csv', train));
    const again = await stage.put('x_test.csv', test);
    await stage.run(again);

    expect(await stage.status('x', again)).toMatchObject({ state: 'SUCCESS', reused: true });
  });
});

describe('uploads of settings', () => {
  it('start nothing and are read with the data', async () => {
    const stage = createStage();
    await stage.run(await stage.put('x.config.json', '{"EPOCHS": 2}'));

    expect(stage.publisher.sent).toEqual([]);
    expect(stage.storage.keys()).toEqual(['dataset/x.config.json']);

    await stage.run(await stage.put('x.csv', train));

    expect(stage.publisher.messages(TOPICS.trainingData)[0]).toMatchObject({ settings: { EPOCHS: 2 } });
  });
});
