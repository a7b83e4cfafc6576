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

describe('uploads of one file in several formats', () => {
  const jsonLines = (rows: number): string =>
    Array.from({ length: rows }, (_, row) => `{"time":${START + row * HOUR_MS},"load":${row % 24}}`).join(
      '\n',
    );

  it('are one file, the newest: an older claim that is still to come takes it as well', async () => {
    const stage = createStage();
    const older = await stage.put('x.csv', train);
    const newer = await stage.put('x.jsonl', jsonLines(50));
    await stage.run(newer);
    await stage.run(older);

    const claims = stage.publisher.messages(TOPICS.trainingData);
    expect(claims.map(({ claim_id }) => claim_id)).toEqual([newer.claimId, older.claimId]);
    expect(new Set(claims.map(({ config_hash }) => config_hash)).size).toBe(1);
    expect(await stage.status('x', older)).toMatchObject({ rows: { train: 45, test: 5 }, reused: true });

    const again = await stage.put('x.csv', train);
    await stage.run(again);

    expect(await stage.status('x', again)).toMatchObject({ rows: { train: 90, test: 10 } });
  });

  it('of one second are each the file of their own claim', async () => {
    const stage = createStage((storage) => ({
      ...storage,
      list: async function* (bucket, prefix) {
        for await (const object of storage.list(bucket, prefix)) yield { ...object, lastModified: 0 };
      },
    }));
    const uploads = [await stage.put('x.csv', train), await stage.put('x.jsonl', jsonLines(50))];
    for (const upload of uploads) await stage.run(upload);
    const rows = await Promise.all(uploads.map(async (upload) => (await stage.status('x', upload))?.rows));

    expect(rows).toEqual([
      { train: 90, test: 10 },
      { train: 45, test: 5 },
    ]);
  });

  it('wait as test files for a training file of any format, which then is claimed', async () => {
    const stage = createStage();
    const first = await stage.put('x_test.csv', test);
    const second = await stage.put('x.csv.gz', train);
    await stage.run(first);

    expect(await stage.status('x', first)).toMatchObject({
      message: 'waits for the claim of dataset/x.csv.gz, which covers both files',
    });

    await stage.run(second);
    const third = await stage.put('x_test.csv.gz', test);
    await stage.run(third);

    expect(await stage.status('x', third)).toMatchObject({
      state: 'SUCCESS',
      rows: { train: 100, test: 20 },
    });
  });

  it('start anew where another format takes the place of a training file that is claimed', async () => {
    const stage = createStage();
    await stage.run(await stage.put('x.csv', train));
    const newer = await stage.put('x.jsonl', train);
    const third = await stage.put('x_test.csv', test);
    await stage.run(third);

    expect(await stage.status('x', third)).toMatchObject({
      message: 'waits for the claim of dataset/x.jsonl, which covers both files',
    });
    await expect(stage.run(newer)).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  it('belong to no other identifier that begins alike', async () => {
    const stage = createStage();
    await stage.put('x.y.csv', train);
    const upload = await stage.put('x_test.csv', test);
    await stage.run(upload);

    expect(await stage.status('x', upload)).toMatchObject({
      message: 'waits for its training file dataset/x.csv',
    });
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
