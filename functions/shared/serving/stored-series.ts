import type { Series } from '@flts/model-runtime';
import { loadDataset } from '../dataset/load.ts';
import type { Storage } from '../storage/storage.ts';

/** The processed rows of datasets, train part before test part; the ones used last are kept. */
export interface StoredSeries {
  /** @throws DataError object_not_found */
  of(identifier: string, configHash: string): Promise<Series>;
}

/** `capacity`: datasets kept at most, default 4. Cached by config_hash, which names the content. */
export function createStoredSeries(storage: Storage, capacity = 4): StoredSeries {
  const cached = new Map<string, Promise<Series>>();
  return {
    of: (identifier, configHash) => {
      const key = `${identifier}/${configHash}`;
      const series =
        cached.get(key) ?? loadDataset(storage, identifier, configHash).then((loaded) => loaded.series);
      cached.delete(key);
      cached.set(key, series);
      series.catch(() => cached.delete(key));
      const [oldest] = cached.keys();
      if (cached.size > capacity && oldest !== undefined) cached.delete(oldest);
      return series;
    },
  };
}
