import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/hash.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { download } from './download.ts';
import { MAX_UPLOAD_BYTES } from './limits.ts';

const place = { bucket: 'dataset', key: 'x.csv' };
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-download-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A storage that sends `chunks` for every object, and says that they are `size` bytes. */
function sending(chunks: readonly string[], size = Buffer.byteLength(chunks.join(''))): Storage {
  const stream = (): Readable => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return { ...createMemoryStorage(), getStream: async () => ({ stream: stream(), etag: '"e"', size }) };
}

describe('download', () => {
  it.each([
    [['a,b\r\n1,2\r\n']],
    [['a,b\r', '\n1,2\r', '\n']],
    [['a,b', '\r', '1,2', '\r']],
    [['a,b\n', '1,2\n']],
  ])('stores %j with line feeds, and hashes the bytes as they came', async (chunks) => {
    const stored = await download(sending(chunks), place, join(folder, 'x.csv'));

    expect(await readFile(stored.file, 'utf8')).toBe('a,b\n1,2\n');
    expect(stored).toMatchObject({
      ...place,
      etag: '"e"',
      size: chunks.join('').length,
      sha256: sha256(chunks.join('')),
    });
  });

  it('unpacks gzip, whose members and bytes may come apart, and hashes the packed bytes', async () => {
    const packed = Buffer.concat([gzipSync('a,b\r\n1,2\r'), gzipSync('\n3,4\n')]);
    const storage = {
      ...createMemoryStorage(),
      getStream: async () => ({
        stream: Readable.from(Array.from(packed, (byte) => Buffer.of(byte))),
        etag: '"e"',
        size: packed.length,
      }),
    };
    const stored = await download(storage, place, join(folder, 'x.csv'));

    expect(await readFile(stored.file, 'utf8')).toBe('a,b\n1,2\n3,4\n');
    expect(stored).toMatchObject({ size: packed.length, sha256: sha256(packed) });
  });

  it('passes on what ends the stream of packed bytes, as something to try again', async () => {
    const half = gzipSync('a,b\n1,2\n').subarray(0, 12);
    const broken = async function* () {
      yield half;
      throw new ServiceError('storage_unavailable', 'expected bytes, got the end of the connection');
    };
    const storage = {
      ...createMemoryStorage(),
      getStream: async () => ({ stream: Readable.from(broken()), etag: '"e"', size: 99 }),
    };

    await expect(download(storage, place, join(folder, 'x.csv'))).rejects.toMatchObject({
      code: 'storage_unavailable',
      retryable: true,
    });
  });

  it('keeps characters whose bytes come apart', async () => {
    const bytes = Buffer.from('größe\r\n温度\n');
    const storage = {
      ...createMemoryStorage(),
      getStream: async () => ({
        stream: Readable.from(Array.from(bytes, (byte) => Buffer.of(byte))),
        etag: '"e"',
        size: bytes.length,
      }),
    };

    const { file } = await download(storage, place, join(folder, 'x.csv'));

    expect(await readFile(file, 'utf8')).toBe('größe\n温度\n');
  });

  it('refuses an object larger than the function can take, unread', async () => {
    await expect(
      download(sending(['a'], MAX_UPLOAD_BYTES + 1), place, join(folder, 'x.csv')),
    ).rejects.toMatchObject({
      code: 'object_too_large',
      retryable: false,
      message: expect.stringContaining(`at most ${MAX_UPLOAD_BYTES} bytes at dataset/x.csv`),
    });
  });

  it('fails for now where bytes are missing', async () => {
    await expect(download(sending(['abc'], 5), place, join(folder, 'x.csv'))).rejects.toMatchObject({
      code: 'storage_unavailable',
      retryable: true,
      message: 'expected 5 bytes from dataset/x.csv, got 3',
    });
  });

  it('says that there is no object', async () => {
    await expect(download(createMemoryStorage(), place, join(folder, 'x.csv'))).rejects.toMatchObject({
      code: 'object_not_found',
      retryable: false,
    });
  });
});
