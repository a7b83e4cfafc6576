import { beforeAll, describe, expect, it } from 'vitest';
import { hourlyCsv } from '../../preprocess/testing/stage.ts';
import { testKey } from '../keys.ts';
import type { Storage } from '../storage/storage.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { processUpload } from '../testing/promoted.ts';
import { BUCKETS } from '../topics.ts';
import { createStoredSeries } from './stored-series.ts';

const IDS = ['a', 'b', 'c'];

describe('stored series', () => {
  const world = createMemoryServices();
  const hashes: Record<string, string> = {};
  let reads: string[];
  let storage: Storage;
  beforeAll(async () => {
    for (const [index, id] of IDS.entries()) {
      const { training } = await processUpload(world.services, id, { csv: hourlyCsv(150 + index) });
      hashes[id] = training.config_hash;
    }
    storage = {
      ...world.storage,
      getStream: (bucket, key) => {
        reads.push(key);
        return world.storage.getStream(bucket, key);
      },
    };
  });
  const rowsOf = async (stored: ReturnType<typeof createStoredSeries>, id: string): Promise<number> =>
    (await stored.of(id, hashes[id] ?? '')).ts.length;

  it('hold train rows before test rows, read once for all who ask', async () => {
    reads = [];
    const stored = createStoredSeries(storage);
    expect(await Promise.all([rowsOf(stored, 'a'), rowsOf(stored, 'a')])).toEqual([150, 150]);
    expect(reads).toHaveLength(2);
    const { ts } = await stored.of('a', hashes['a'] ?? '');
    expect(ts.every((at, row) => row === 0 || at > (ts[row - 1] ?? 0))).toBe(true);
  });

  it('are kept up to the capacity, those used last', async () => {
    reads = [];
    const stored = createStoredSeries(storage, 2);
    for (const id of ['a', 'b', 'a', 'c', 'a']) await rowsOf(stored, id);
    expect(reads).toHaveLength(6);
    await rowsOf(stored, 'b');
    expect(reads).toHaveLength(8);
  });

  it('that could not be read are read again', async () => {
    const stored = createStoredSeries(world.storage);
    const key = testKey('c', hashes['c'] ?? '');
    const body = (await world.storage.get(BUCKETS.processed, key))?.body ?? '';
    await world.storage.delete(BUCKETS.processed, key);
    await expect(rowsOf(stored, 'c')).rejects.toMatchObject({ code: 'object_not_found' });
    await world.storage.put(BUCKETS.processed, key, body);
    expect(await rowsOf(stored, 'c')).toBe(152);
  });
});
