import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FltsError } from '../errors.ts';
import type { ObjectInfo, Storage } from '../storage/storage.ts';

export interface OpenStorage {
  readonly storage: Storage;
  close(): Promise<void>;
}

const BUCKET = 'dataset';
const ETAG = /^"[^"]+"$/u;

/** What every Storage does, whatever is behind it. `open` gives one with an empty bucket `dataset`. */
export function describeStorage(name: string, open: () => Promise<OpenStorage>): void {
  describe(`storage in ${name}`, () => {
    let opened: OpenStorage | undefined;
    const storage = (): Storage => {
      if (opened === undefined) throw new Error('expected an open storage, got none');
      return opened.storage;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    reads(storage);
    conditions(storage);
    json(storage);
    streamsAndLists(storage);
    keys(storage);
  });
}

type Use = () => Storage;

async function stored(storage: Storage, key: string): Promise<string | undefined> {
  const found = await storage.get(BUCKET, key);
  return found === undefined ? undefined : Buffer.from(found.body).toString('utf8');
}

async function put(storage: Storage, key: string, body: string): Promise<string> {
  const result = await storage.put(BUCKET, key, body);
  if (!result.written) throw new Error(`expected ${key} to be written`);
  return result.etag;
}

function reads(use: Use): void {
  it('gives back the bytes that were put, with ETag, type and the server’s times', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const before = Date.now();
    const result = await use().put(BUCKET, 'bytes', bytes, { contentType: 'text/csv' });
    expect(result).toMatchObject({ written: true, etag: expect.stringMatching(ETAG) });
    const found = await use().get(BUCKET, 'bytes');
    expect(Buffer.from(found?.body ?? [])).toEqual(Buffer.from(bytes));
    expect(found).toMatchObject({ etag: result.written && result.etag, contentType: 'text/csv' });
    expect(Math.abs((found?.serverTime ?? 0) - before)).toBeLessThan(5000);
    expect(Math.abs((found?.lastModified ?? 0) - before)).toBeLessThan(5000);
    expect(await use().head(BUCKET, 'bytes')).toEqual({
      key: 'bytes',
      lastModified: found?.lastModified,
      etag: found?.etag,
      size: 300,
    });
  });

  it('counts as octets what was put without a type, and may hold nothing', async () => {
    await put(use(), 'empty', '');
    expect(await use().get(BUCKET, 'empty')).toMatchObject({
      body: expect.objectContaining({ length: 0 }),
      contentType: 'application/octet-stream',
    });
  });

  it.each(['a b+c.csv', 'Messreihe 1+2 — café.csv', 'a/b/../c', "quote'&<>.json", 'per%20cent', '.hidden'])(
    'keeps a key as it is: %s',
    async (key) => {
      await put(use(), key, key);
      expect(await stored(use(), key)).toBe(key);
      expect((await all(use(), key)).map((info) => info.key)).toContain(key);
    },
  );

  it('answers undefined for what is not there, and forgets what is deleted, also twice', async () => {
    await put(use(), 'gone', 'x');
    await use().delete(BUCKET, 'gone');
    await use().delete(BUCKET, 'gone');
    expect(await use().get(BUCKET, 'gone')).toBeUndefined();
    expect(await use().head(BUCKET, 'gone')).toBeUndefined();
    expect(await use().getStream(BUCKET, 'gone')).toBeUndefined();
    expect(await use().getJson(BUCKET, 'gone', z.unknown())).toBeUndefined();
  });
}

function conditions(use: Use): void {
  it('creates a key once: of many writers at once one is first', async () => {
    const writes = Array.from({ length: 8 }, (_, nth) =>
      use().put(BUCKET, 'first', `writer ${nth}`, { ifNoneMatch: true }),
    );
    const written = (await Promise.all(writes)).map((result) => result.written);
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await stored(use(), 'first')).toBe(`writer ${written.indexOf(true)}`);
  });

  it('replaces only what still has the ETag: of many writers at once one is first', async () => {
    const ifMatch = await put(use(), 'swap', 'before');
    const writes = Array.from({ length: 8 }, (_, nth) =>
      use().put(BUCKET, 'swap', `writer ${nth}`, { ifMatch }),
    );
    const written = (await Promise.all(writes)).map((result) => result.written);
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await stored(use(), 'swap')).toBe(`writer ${written.indexOf(true)}`);
    expect(await use().put(BUCKET, 'swap', 'late', { ifMatch })).toEqual({ written: false });
  });

  it('goes on by compare-and-swap from the ETag that a write answers', async () => {
    let etag = await put(use(), 'chain', '0');
    for (const body of ['1', '2']) {
      const result = await use().put(BUCKET, 'chain', body, { ifMatch: etag });
      expect(result.written).toBe(true);
      etag = result.written ? result.etag : '';
    }
    expect(await stored(use(), 'chain')).toBe('2');
  });

  it('does not create by If-Match what is not there', async () => {
    expect(await use().put(BUCKET, 'never', 'x', { ifMatch: '"0123"' })).toEqual({ written: false });
    expect(await use().head(BUCKET, 'never')).toBeUndefined();
  });
}

function json(use: Use): void {
  const shape = z.object({ n: z.number() });

  it('reads JSON by its schema', async () => {
    await use().putJson(BUCKET, 'a.json', { n: 1, more: 'ü' });
    const found = await use().getJson(BUCKET, 'a.json', shape);
    expect(found).toMatchObject({ value: { n: 1 }, etag: expect.stringMatching(ETAG) });
    expect(await use().get(BUCKET, 'a.json')).toMatchObject({ contentType: 'application/json' });
    expect(await stored(use(), 'a.json')).toBe('{"n":1,"more":"ü"}');
  });

  it.each([
    ['of another shape', '{"n":"one"}'],
    ['that is none', '{"n":'],
  ])('refuses JSON %s, naming bucket and key', async (_name, body) => {
    await put(use(), 'folder/bad.json', body);
    await expect(use().getJson(BUCKET, 'folder/bad.json', shape)).rejects.toMatchObject({
      name: 'FltsError',
      code: 'message_invalid',
      retryable: false,
      message: expect.stringContaining('dataset/folder/bad.json'),
    });
  });

  it('writes JSON on a condition too', async () => {
    await use().putJson(BUCKET, 'once.json', { n: 1 }, { ifNoneMatch: true });
    expect(await use().putJson(BUCKET, 'once.json', { n: 2 }, { ifNoneMatch: true })).toEqual({
      written: false,
    });
    expect((await use().getJson(BUCKET, 'once.json', shape))?.value).toEqual({ n: 1 });
  });
}

function streamsAndLists(use: Use): void {
  it.each([0, 6, 43])(
    'takes %i chunks that take each other’s place as a stream, also longer than one part of a multipart upload, and gives one',
    async (count) => {
      const letters = Array.from({ length: count }, (_, index) => String.fromCodePoint(97 + (index % 26)));
      const chunk = Buffer.alloc(1_000_003);
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (const letter of letters) yield chunk.fill(letter);
      };
      const { etag } = await use().putStream(BUCKET, 'streamed', chunks(), 'text/csv');
      const found = await use().getStream(BUCKET, 'streamed');
      expect(found).toMatchObject({ etag, size: count * chunk.length });
      const read = found === undefined ? '' : await text(found.stream);
      const expected = letters.map((letter) => letter.repeat(chunk.length)).join('');
      expect([read.length, read === expected]).toEqual([expected.length, true]);
      expect(await use().get(BUCKET, 'streamed')).toMatchObject({ contentType: 'text/csv' });
    },
  );

  it.each([1, 21])('keeps what is there where a stream fails after %i chunks', async (count) => {
    await use().put(BUCKET, 'kept', 'before');
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < count; sent += 1) yield Buffer.alloc(1_000_000);
      throw new FltsError('file_unreadable', 'expected more, got none');
    };
    await expect(use().putStream(BUCKET, 'kept', chunks())).rejects.toMatchObject({
      code: 'file_unreadable',
    });
    expect(await stored(use(), 'kept')).toBe('before');
  });

  it('copies an object with its type, whatever its name, and says where there is none', async () => {
    await use().put(BUCKET, 'a folder/café +1.csv', 'a,b', { contentType: 'text/csv' });
    await use().put(BUCKET, 'copied', 'before');
    await use().copy(BUCKET, 'a folder/café +1.csv', 'copied');
    expect(await stored(use(), 'copied')).toBe('a,b');
    expect((await use().get(BUCKET, 'copied'))?.contentType).toBe('text/csv');
    await expect(use().copy(BUCKET, 'nowhere', 'copied')).rejects.toMatchObject({
      code: 'object_not_found',
      retryable: true,
    });
  });

  it('lists keys below a prefix in their order, with ETag and size', async () => {
    for (const key of ['l/b', 'l/a', 'l/a/c', 'l', 'm/a']) await put(use(), key, key);
    const infos = await all(use(), 'l/');
    expect(infos.map(({ key, size }) => [key, size])).toEqual([
      ['l/a', 3],
      ['l/a/c', 5],
      ['l/b', 3],
    ]);
    expect(infos[0]).toEqual(await use().head(BUCKET, 'l/a'));
    expect(await all(use(), 'nothing/')).toEqual([]);
  });

  it('lists more keys than one answer holds', async () => {
    const keys = Array.from({ length: 1003 }, (_, nth) => `many/${String(nth).padStart(4, '0')}`);
    for (let start = 0; start < keys.length; start += 50)
      await Promise.all(keys.slice(start, start + 50).map((key) => use().put(BUCKET, key, '')));
    expect((await all(use(), 'many/')).map(({ key }) => key)).toEqual(keys);
  });
}

async function all(storage: Storage, prefix: string): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = [];
  for await (const info of storage.list(BUCKET, prefix)) infos.push(info);
  return infos;
}

function keys(storage: Use): void {
  it.each([
    ['of 1,025 bytes', 'x'.repeat(1025)],
    ['of 342 letters of three bytes', '車'.repeat(342)],
    ['of none', ''],
    ['with half of a letter', 'a\ud800'],
  ])('refuses a key %s for good', async (_name, key) => {
    const refused = { code: 'object_key_invalid', retryable: false, status: 400 };
    await expect(storage().get(BUCKET, key)).rejects.toMatchObject(refused);
    await expect(storage().getStream(BUCKET, key)).rejects.toMatchObject(refused);
    await expect(storage().getJson(BUCKET, key, z.unknown())).rejects.toMatchObject(refused);
    await expect(storage().head(BUCKET, key)).rejects.toMatchObject(refused);
    await expect(storage().put(BUCKET, key, 'x')).rejects.toMatchObject(refused);
    await expect(storage().delete(BUCKET, key)).rejects.toMatchObject(refused);
  });

  it('takes a key of 1,024 bytes', async () => {
    const key = `${'車'.repeat(341)}x`;
    await storage().put(BUCKET, key, 'long');
    expect(await stored(storage(), key)).toBe('long');
    await storage().delete(BUCKET, key);
  });
}
