import type { Storage } from './storage.ts';

/**
 * The same store, whose buckets are called `prefix` and the name that everything else goes by: names on AWS are global, so
 * each deployment has its own. This is where a bucket's name is made; messages, paths and results have those without prefix.
 */
export function createPrefixedStorage(storage: Storage, prefix: string): Storage {
  if (prefix === '') return storage;
  const named = (bucket: string): string => `${prefix}${bucket}`;
  return {
    get: (bucket, key) => storage.get(named(bucket), key),
    getJson: (bucket, key, schema) => storage.getJson(named(bucket), key, schema),
    getStream: (bucket, key) => storage.getStream(named(bucket), key),
    head: (bucket, key) => storage.head(named(bucket), key),
    put: (bucket, ...rest) => storage.put(named(bucket), ...rest),
    putJson: (bucket, ...rest) => storage.putJson(named(bucket), ...rest),
    putStream: (bucket, ...rest) => storage.putStream(named(bucket), ...rest),
    copy: (bucket, from, to) => storage.copy(named(bucket), from, to),
    list: (bucket, prefixOfKeys) => storage.list(named(bucket), prefixOfKeys),
    delete: (bucket, key) => storage.delete(named(bucket), key),
    presign: (access) => storage.presign({ ...access, bucket: named(access.bucket) }),
  };
}
