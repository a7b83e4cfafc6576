import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { metaKey, testKey } from '../shared/keys.ts';
import { processUpload } from '../shared/testing/promoted.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { completeInferenceClaim } from './complete-claim.ts';

const delivery: Delivery = {
  topic: 'inference-data',
  partition: 0,
  offset: 7,
  timestamp: Date.UTC(2024, 4, 1),
  key: null,
  headers: {},
  correlationId: 'c-1',
  remainingMs: () => 60_000,
};

describe('a claim that a user publishes', () => {
  let world: ReturnType<typeof createMemoryServices>;
  let claim: { bucket: string; object: string; hash: string };
  beforeEach(async () => {
    world = createMemoryServices();
    const { training } = await processUpload(world, 'load', { csv: hourlyCsv(200) });
    const hash = training.config_hash;
    claim = { bucket: BUCKETS.processed, object: testKey('load', hash), hash };
  });
  const complete = ({ bucket, object }: { bucket: string; object: string }, services = world.services) =>
    completeInferenceClaim({ bucket, object }, delivery, services);

  it('is of the identifier that the meta.json beside its object tells, and of global where there is none', async () => {
    expect(await complete(claim)).toMatchObject({ identifier: 'load', config_hash: claim.hash });
    await world.storage.put(BUCKETS.inferenceLogs, 'somewhere/rows.parquet', 'rows');
    expect(await complete({ bucket: BUCKETS.inferenceLogs, object: 'somewhere/rows.parquet' })).toMatchObject(
      {
        identifier: 'global',
        config_hash: 'unprocessed',
      },
    );
  });

  it('is not made global by storage that fails: its record comes again', async () => {
    const getJson: typeof world.storage.getJson = () =>
      Promise.reject(new ServiceError('storage_unavailable', 'S3 says 500'));
    const failing = { ...world.services, storage: { ...world.storage, getJson } };
    await expect(complete(claim, failing)).rejects.toMatchObject({
      code: 'storage_unavailable',
      retryable: true,
    });
  });

  it.each(['', 'garbage', '{}'])('is not made global by the meta.json %j, which is none', async (body) => {
    await world.storage.put(BUCKETS.processed, metaKey('load', claim.hash), body);
    await expect(complete(claim)).rejects.toMatchObject({ code: 'message_invalid', retryable: false });
  });
});
