import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FltsError } from '../errors.ts';
import { nothingToCopy, requireKey, type ObjectInfo, type Storage, type StoredObject } from './storage.ts';

type Kept = Omit<StoredObject, 'serverTime'>;

/** The Storage of unit tests: a map with S3's conditional writes. `serverTime` is what `now` says. */
export function createMemoryStorage(
  now: () => number = Date.now,
): Storage & { readonly keys: () => string[] } {
  const objects = new Map<string, Kept>();
  const path = (bucket: string, key: string): string => {
    requireKey(bucket, key);
    return `${bucket}/${key}`;
  };
  const storage: Storage = {
    async get(bucket, key): Promise<StoredObject | undefined> {
      const found = objects.get(path(bucket, key));
      return found === undefined ? undefined : { ...found, serverTime: now() };
    },
    async getJson(bucket, key, schema) {
      const found = await storage.get(bucket, key);
      if (found === undefined) return undefined;
      const parsed = schema.safeParse(parseJson(found.body));
      if (!parsed.success)
        throw new FltsError(
          'message_invalid',
          `expected the shape of ${bucket}/${key}, got: ${parsed.error.message}`,
        );
      return { value: parsed.data, etag: found.etag, serverTime: now(), lastModified: found.lastModified };
    },
    async getStream(bucket, key) {
      const found = objects.get(path(bucket, key));
      return found === undefined
        ? undefined
        : { stream: Readable.from([found.body]), etag: found.etag, size: found.body.length };
    },
    async head(bucket, key) {
      const found = objects.get(path(bucket, key));
      return found && { key, ...infoOf(found) };
    },
    async put(bucket, key, body, options = {}) {
      const found = objects.get(path(bucket, key));
      if (options.ifNoneMatch && found !== undefined) return { written: false };
      if (options.ifMatch !== undefined && found?.etag !== options.ifMatch) return { written: false };
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      const contentType = options.contentType ?? 'application/octet-stream';
      objects.set(path(bucket, key), { body: bytes, etag, lastModified: now(), contentType });
      return { written: true, etag, serverTime: now() };
    },
    putJson: (bucket, key, value, options) =>
      storage.put(bucket, key, JSON.stringify(value), { contentType: 'application/json', ...options }),
    async putStream(bucket, key, body, contentType) {
      const options = contentType === undefined ? {} : { contentType };
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
      const result = await storage.put(bucket, key, Buffer.concat(chunks), options);
      return { etag: result.written ? result.etag : '' };
    },
    async copy(bucket, from, to) {
      const found = objects.get(path(bucket, from));
      if (found === undefined) throw nothingToCopy(bucket, from);
      objects.set(path(bucket, to), { ...found, lastModified: now() });
    },
    async *list(bucket, prefix) {
      for (const name of [...objects.keys()]
        .filter((name) => name.startsWith(`${bucket}/${prefix}`))
        .toSorted()) {
        const found = objects.get(name);
        if (found !== undefined) yield { key: name.slice(bucket.length + 1), ...infoOf(found) };
      }
    },
    async delete(bucket, key) {
      objects.delete(path(bucket, key));
    },
    presign: async ({ method, bucket, key, expiresInS }) =>
      `memory://${path(bucket, key)}?method=${method}&expires=${expiresInS}`,
  };
  return Object.assign(storage, { keys: () => [...objects.keys()].toSorted() });
}

function infoOf({ etag, body, lastModified }: Kept): Omit<ObjectInfo, 'key'> {
  return { etag, size: body.length, lastModified };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
