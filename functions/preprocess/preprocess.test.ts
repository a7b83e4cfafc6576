import { describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { contentHash, sha256 } from '../shared/hash.ts';
import { inferenceClaim, trainingClaim, type TrainingClaim } from '../shared/messages/schema.ts';
import { newestClaim, newestClaimKey } from '../shared/status.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { createStage, hourlyCsv, type Stage } from './testing/stage.ts';

const claims = (stage: Stage): TrainingClaim[] =>
  stage.publisher.messages(TOPICS.trainingData).map((message) => trainingClaim.parse(message));
const read = async (stage: Stage, key: string): Promise<string> =>
  sha256((await stage.storage.get(BUCKETS.processed, key))?.body ?? '');
const outputs = (stage: Stage): string[] =>
  stage.storage.keys().filter((key) => /\/[0-9a-f]{64}\/\w+\.\w+$/u.test(key) && !key.includes('/status/'));

describe('preprocess', () => {
  it('turns a file into Parquet files of original units, whose segments and truth a reader finds', async () => {
    const stage = createStage();
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));

    const { meta, series } = await loadDataset(stage.storage, 'load', claims(stage)[0]?.config_hash ?? '');

    expect(meta.segments).toEqual({
      fit: { start: 0, end: 140 },
      validate: { start: 140, end: 160 },
      select: { start: 160, end: 180 },
      test: { start: 180, end: 200 },
    });
    expect(meta).toMatchObject({
      identifier: 'load',
      index_column: 'time',
      frequency: { stepMs: HOUR_MS, businessDays: false },
      rows: { train: 180, test: 20, inserted: 0, dropped: 0, duplicates: 0, imputed_cells: 0 },
      roles: { targets: ['load', 'flow'], past: [] },
      seasonal_periods: [24],
      test_source: null,
    });
    expect([...series.ts]).toEqual(Array.from({ length: 200 }, (_, row) => START + row * HOUR_MS));
    const flow = Float64Array.from({ length: 200 }, (_, row) => (row * 13) % 17);
    expect(series.columns['flow']).toEqual(flow);
    expect(series.actual['flow']).toEqual(flow);
    expect(series.block).toEqual(new Int32Array(200));
  });

  it('makes the test file the test segment', async () => {
    const stage = createStage();
    await stage.put('load_test.csv', hourlyCsv(30, START + 100 * HOUR_MS));
    await stage.run(await stage.put('load.csv', hourlyCsv(100)));

    const { meta, series } = await loadDataset(stage.storage, 'load', claims(stage)[0]?.config_hash ?? '');

    expect(meta.segments.fit.end).toBe(80);
    expect(meta.segments.test).toEqual({ start: 100, end: 130 });
    expect(meta.test_source?.object).toBe('load_test.csv');
    expect(series.ts).toHaveLength(130);
  });

  it('publishes both claims with what the stages after need', async () => {
    const stage = createStage();
    await stage.put('load.config.json', JSON.stringify({ INPUT_SEQ_LEN: 24, EXPECTED_MODEL_TYPES: ['GRU'] }));
    const upload = await stage.put('load.csv', hourlyCsv(200));
    await stage.run(upload, { EPOCHS: '3' });

    const [claim] = claims(stage);
    const folder = `load/${claim?.config_hash}`;
    const size = async (key: string) => (await stage.storage.head(BUCKETS.processed, key))?.size;
    expect(claim).toMatchObject({
      v: 1,
      identifier: 'load',
      claim_id: upload.claimId,
      claimed_at: upload.claimedAt,
      bucket: 'processed-data',
      object: `${folder}/train.parquet`,
      size: await size(`${folder}/train.parquet`),
      test_object: `${folder}/test.parquet`,
      meta_object: `${folder}/meta.json`,
      settings: { INPUT_SEQ_LEN: 24, EPOCHS: 3, EXPECTED_MODEL_TYPES: ['GRU'], HIDDEN_SIZE: 64 },
    });
    expect(inferenceClaim.parse(stage.publisher.messages(TOPICS.inferenceData)[0])).toMatchObject({
      claim_id: upload.claimId,
      object: `${folder}/test.parquet`,
      object_key: `${folder}/test.parquet`,
      size: await size(`${folder}/test.parquet`),
      operation: 'forecast',
    });
    for (const { key, headers } of stage.publisher.sent)
      expect([key, headers]).toEqual(['load', { correlation_id: upload.claimId }]);
  });

  it('reports the upload’s progress and makes its claim the newest', async () => {
    const stage = createStage();
    const upload = await stage.put('load.csv', hourlyCsv(200));
    await stage.run(upload);

    expect(await stage.status('load', upload)).toMatchObject({
      state: 'SUCCESS',
      reused: false,
      config_hash: claims(stage)[0]?.config_hash,
      rows: { train: 180, test: 20 },
      expected_model_types: ['GRU', 'LSTM', 'PROPHET', 'AUTOETS', 'AUTOTHETA', 'AUTOCES', 'AUTOARIMA'],
    });
    expect(
      (await stage.storage.getJson(BUCKETS.processed, newestClaimKey('load'), newestClaim))?.value,
    ).toEqual({
      claim_id: upload.claimId,
      claimed_at: upload.claimedAt,
    });
  });

  it('hashes the content and the settings: the hash is that of the canonical object in meta.json', async () => {
    const stage = createStage();
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));
    const hash = claims(stage)[0]?.config_hash ?? '';

    const { meta } = await loadDataset(stage.storage, 'load', hash);

    expect(contentHash(meta.config)).toBe(hash);
    expect(meta.config['inputs']).toEqual({ train: sha256(hourlyCsv(200)), test: null });
  });

  it('writes the same bytes and messages for the same upload, wherever it runs', async () => {
    const stages = [createStage(), createStage()];
    for (const stage of stages) {
      const upload = await stage.put('load.csv', hourlyCsv(200).replace('\n', '\n2001-01-09T09:00Z,,\n'));
      await stage.run(upload);
      await stage.run(upload, { FORCE_REPROCESS: '1' });
    }
    const [first, second] = stages as [Stage, Stage];
    const [claim, again, ...others] = [...claims(first), ...claims(second)].map((message) => ({
      ...message,
      produced_at: '',
    }));

    expect([again, ...others]).toEqual([claim, claim, claim]);
    expect(outputs(first)).toHaveLength(5);
    for (const key of outputs(first)) {
      const [bucket = '', ...rest] = key.split('/');
      expect(await read(second, rest.join('/')), `${bucket}/${key}`).toBe(await read(first, rest.join('/')));
    }
  });

  it('reuses a complete output: publishes its claim again and writes nothing', async () => {
    const written: string[] = [];
    const stage = createStage((storage) => recordingWrites(storage, written));
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));
    written.length = 0;
    const second = await stage.put('load.csv', hourlyCsv(200));
    await stage.run(second);

    expect(
      claims(stage)
        .map(({ claim_id }) => claim_id)
        .at(-1),
    ).toBe(second.claimId);
    expect(new Set(claims(stage).map(({ config_hash }) => config_hash)).size).toBe(1);
    expect(await stage.status('load', second)).toMatchObject({ state: 'SUCCESS', reused: true });
    expect(written.filter((key) => !key.includes('/status/'))).toEqual([]);
  });

  it('processes what is there already where FORCE_REPROCESS says so', async () => {
    const written: string[] = [];
    const stage = createStage((storage) => recordingWrites(storage, written));
    const upload = await stage.put('load.csv', hourlyCsv(200));
    await stage.run(upload);
    written.length = 0;
    await stage.run(upload, { FORCE_REPROCESS: '1' });

    expect(written.filter((key) => key.endsWith('/train.parquet'))).toHaveLength(1);
    expect(await stage.status('load', upload)).toMatchObject({ state: 'SUCCESS', reused: false });
  });

  it('writes meta.json last', async () => {
    const written: string[] = [];
    const stage = createStage((storage) => recordingWrites(storage, written));
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));

    const names = written.filter((key) => /\/[0-9a-f]{64}\/[^/]+$/u.test(key) && !key.includes('/status/'));
    expect(names.map((key) => key.split('/').at(-1))).toEqual([
      'train.parquet',
      'test.parquet',
      'scaler.json',
      'report.json',
      'meta.json',
    ]);
  });

  it('copies the newest pair: upload A, then B, then A again', async () => {
    const stage = createStage();
    const copies = async (): Promise<string[]> =>
      Promise.all(['load/processed_data.parquet', 'processed_data.parquet'].map((key) => read(stage, key)));
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));
    const [a] = await copies();
    await stage.run(await stage.put('load.csv', hourlyCsv(201)));
    const [b] = await copies();
    await stage.run(await stage.put('load.csv', hourlyCsv(200)));

    expect(b).not.toBe(a);
    expect(await copies()).toEqual([a, a]);
    expect(await read(stage, claims(stage)[0]?.object ?? '')).toBe(a);
  });

  it.each(['my data', 'a+b', 'größe-温度-😀', '100%', "it's", 'a.b', '_test'])(
    'takes the identifier %j',
    async (identifier) => {
      const stage = createStage();
      await stage.run(await stage.put(`${identifier}.csv`, hourlyCsv(200)));

      expect(claims(stage).map((claim) => claim.identifier)).toEqual([identifier]);
      await expect(
        loadDataset(stage.storage, identifier, claims(stage)[0]?.config_hash ?? ''),
      ).resolves.toBeDefined();
    },
  );
});

function recordingWrites(storage: Storage, written: string[]): Storage {
  return {
    ...storage,
    put: (bucket, key, ...rest) => (written.push(`${bucket}/${key}`), storage.put(bucket, key, ...rest)),
    putJson: (bucket, key, ...rest) => (
      written.push(`${bucket}/${key}`),
      storage.putJson(bucket, key, ...rest)
    ),
    putStream: (bucket, key, ...rest) => (
      written.push(`${bucket}/${key}`),
      storage.putStream(bucket, key, ...rest)
    ),
    copy: (bucket, from, to) => (written.push(`${bucket}/${to}`), storage.copy(bucket, from, to)),
  };
}
