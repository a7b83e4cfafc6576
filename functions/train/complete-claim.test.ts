import { describe, expect, it } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { contentHash } from '../shared/hash.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { claimSettings, readSettings } from '../shared/settings/settings.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { processUpload } from '../shared/testing/promoted.ts';
import { completeTrainingClaim } from './complete-claim.ts';

const settings = readSettings(claimSettings.shape, {
  EPOCHS: '3',
  EXPECTED_MODEL_TYPES: 'GRU,LSTM',
  INPUT_SEQ_LEN: '10',
  OUTPUT_SEQ_LEN: '1',
});
const delivery = {
  topic: 'training-data',
  partition: 2,
  offset: 7,
  timestamp: Date.UTC(2024, 4, 1),
  key: null,
  headers: {},
  correlationId: 'c',
  remainingMs: () => 60_000,
};

async function world() {
  const { storage, services } = createMemoryServices();
  const { training } = await processUpload(services, 'load', { csv: hourlyCsv(400) });
  const complete = (message: Record<string, unknown>) =>
    completeTrainingClaim(message, delivery, { storage, settings });
  return { storage, training, complete };
}

describe('a training claim published by hand', () => {
  it('needs bucket and object alone: the rest lies beside the object, in the record and in the settings', async () => {
    const { training, complete } = await world();
    const { bucket, object } = training;
    const at = '2024-05-01T00:00:00.000Z';
    const claim = trainingClaim.parse(await complete({ bucket, object }));
    expect(claim).toEqual({
      ...training,
      claim_id: contentHash({ bucket, object, topic: 'training-data', partition: 2, offset: 7 }),
      claimed_at: at,
      produced_at: at,
      settings,
    });
  });

  it('keeps what it does say', async () => {
    const { training, complete } = await world();
    const { bucket, object } = training;
    const own = { identifier: 'mine', claim_id: 'a-claim', settings: { EPOCHS: 1 } };
    expect(await complete({ bucket, object, ...own })).toMatchObject(own);
  });

  it('is the same claim at every delivery, and another one at another place', async () => {
    const { storage, training, complete } = await world();
    const { bucket, object } = training;
    const elsewhere = { ...delivery, offset: 8 };
    const [first, again, other] = [
      await complete({ bucket, object }),
      await complete({ bucket, object }),
      await completeTrainingClaim({ bucket, object }, elsewhere, { storage, settings }),
    ];
    expect(again).toEqual(first);
    expect(other['claim_id']).not.toBe(first['claim_id']);
  });

  it('may name an object at the root of a bucket', async () => {
    const { storage, training, complete } = await world();
    const { bucket } = training;
    for (const name of ['meta.json', 'train.parquet']) {
      const stored = await storage.get(bucket, training.object.replace('train.parquet', name));
      await storage.put(bucket, name, stored?.body ?? '');
    }
    expect(await complete({ bucket, object: 'train.parquet' })).toMatchObject({
      meta_object: 'meta.json',
      test_object: 'test.parquet',
    });
  });

  it.each(['train.parquet', 'meta.json'])('names the object that is gone: %s', async (name) => {
    const { storage, training, complete } = await world();
    const { bucket, object } = training;
    const gone = object.replace('train.parquet', name);
    await storage.delete(bucket, gone);
    await expect(complete({ bucket, object })).rejects.toMatchObject({
      code: 'object_not_found',
      retryable: false,
      message: expect.stringContaining(`${bucket}/${gone}`),
    });
  });

  it('is left to the schema where it lacks these too', async () => {
    const { complete } = await world();
    expect(await complete({ bucket: 'processed-data' })).toEqual({ bucket: 'processed-data' });
  });
});

describe('a claim of the pipeline', () => {
  it('stays as it is, and nothing is read for it', async () => {
    const { storage, training, complete } = await world();
    await storage.delete(training.bucket, training.meta_object);
    expect(await complete(training)).toBe(training);
  });
});
