import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryStorage } from './memory-storage.ts';
import { createPrefixedStorage } from './prefixed-storage.ts';

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

describe('storage with a prefix', () => {
  it('has each of its objects in the bucket with the prefix, whatever is done with it', async () => {
    const inner = createMemoryStorage();
    const storage = createPrefixedStorage(inner, 'lab-');
    await storage.put('dataset', 'a', 'a');
    await storage.putJson('dataset', 'b', { b: 1 });
    await storage.putStream('dataset', 'c', bytes('c'));
    await storage.copy('dataset', 'a', 'd');
    await storage.put('dataset', 'e', '');
    await storage.delete('dataset', 'e');
    expect(inner.keys()).toEqual(['lab-dataset/a', 'lab-dataset/b', 'lab-dataset/c', 'lab-dataset/d']);
    expect(await storage.get('dataset', 'a')).toMatchObject({ body: Buffer.from('a') });
    expect((await storage.getJson('dataset', 'b', z.object({ b: z.number() })))?.value).toEqual({ b: 1 });
    expect(await storage.head('dataset', 'c')).toMatchObject({ key: 'c', size: 1 });
    expect(await storage.getStream('dataset', 'd')).toMatchObject({ size: 1 });
    const keys = [];
    for await (const { key } of storage.list('dataset', '')) keys.push(key);
    expect(keys).toEqual(['a', 'b', 'c', 'd']);
    const access = { method: 'PUT', bucket: 'dataset', key: 'f', expiresInS: 60 } as const;
    expect(await storage.presign(access)).toBe('memory://lab-dataset/f?method=PUT&expires=60');
    expect(await inner.get('dataset', 'a')).toBeUndefined();
  });

  it('takes conditions with it', async () => {
    const storage = createPrefixedStorage(createMemoryStorage(), 'lab-');
    await storage.put('dataset', 'a', 'a');
    expect(await storage.put('dataset', 'a', 'b', { ifNoneMatch: true })).toEqual({ written: false });
    expect(await storage.putJson('dataset', 'a', 'b', { ifMatch: '"x"' })).toEqual({ written: false });
  });

  it('is the very storage where the prefix is empty', () => {
    const inner = createMemoryStorage();
    expect(createPrefixedStorage(inner, '')).toBe(inner);
  });
});
