import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/errors.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Column } from '../columns/column.ts';
import { storeParquet, type StoredParquet } from './store-parquet.ts';

const ROWS = 300_000;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A column that fails where it is read beyond `most` rows. */
function column(most: number): Column {
  const read = (start: number, end: number): Float64Array => {
    if (end > most) throw new Error(`no rows beyond ${most}`);
    return Float64Array.from({ length: end - start }, (_, row) => Math.sin(start + row));
  };
  return { length: ROWS, read };
}

function store(storage: Storage, values: Column): StoredParquet {
  const columns = [{ name: 'a', type: 'DOUBLE' as const, values }];
  const target = { bucket: 'b', key: 'a.parquet', file: join(folder, 'a.parquet'), folder };
  return storeParquet(storage, target, {
    columns,
    range: { start: 0, end: ROWS },
    metadata: { config_hash: 'aa' },
  });
}

describe('storeParquet', () => {
  it('stores what is written, all of it, and leaves no file', async () => {
    const storage = createMemoryStorage();
    const { stored } = store(storage, column(ROWS));
    const size = await stored;
    const body = (await storage.get('b', 'a.parquet'))?.body;

    expect(body?.length).toBe(size);
    expect(Number(parquetMetadata(Uint8Array.from(body ?? []).buffer).num_rows)).toBe(ROWS);
    expect(await readdir(folder)).toEqual([]);
  });

  it('stores nothing of a file that cannot be written, and says why', async () => {
    const storage = createMemoryStorage();
    const { written, stored } = store(storage, column(200_000));
    await written;

    await expect(stored).rejects.toThrow('no rows beyond 200000');
    expect(storage.keys()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails with what the storage says, once the file is written, and leaves none', async () => {
    const storage: Storage = {
      ...createMemoryStorage(),
      putStream: async () => {
        throw new ServiceError('storage_unavailable', 'expected S3, got none');
      },
    };
    const { stored } = store(storage, column(ROWS));

    await expect(stored).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await readdir(folder)).toEqual([]);
  });
});
