import { DEFAULT_CREDENTIALS, startS3, type S3Server } from '@flts/s3';
import { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeStorage } from '../testing/storage-behaviour.ts';
import { createPresigningS3Client, createS3Client, createS3Storage } from './s3-storage.ts';
import type { Storage } from './storage.ts';

async function openS3(now: () => Date = () => new Date()) {
  const directory = await mkdtemp(join(tmpdir(), 'flts-storage-'));
  const server = await startS3({ directory, port: 0, buckets: ['dataset'], now });
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', DEFAULT_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', DEFAULT_CREDENTIALS.secretAccessKey);
  const storage = createS3Storage(createS3Client(), createPresigningS3Client());
  // Endpoint and credentials are read with the first request.
  await storage.head('dataset', 'warm-up');
  const close = async (): Promise<void> => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
    vi.unstubAllEnvs();
  };
  return { server, storage, directory, close };
}

describeStorage('S3', () => openS3());

describe('a stream that fails', () => {
  it('leaves no parts behind', async () => {
    const { storage, directory, close } = await openS3();
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < 21; sent += 1) yield Buffer.alloc(1_000_000);
      expect(await readdir(join(directory, 'uploads'))).toHaveLength(1);
      throw new Error('nothing more');
    };
    try {
      await expect(storage.putStream('dataset', 'x', chunks())).rejects.toThrow('nothing more');
      expect(await readdir(join(directory, 'uploads'))).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe('a presigned URL', () => {
  let opened: { server: S3Server; storage: Storage; close(): Promise<void> };
  beforeAll(async () => {
    opened = await openS3();
  });
  afterAll(() => opened.close());
  const access = { bucket: 'dataset', key: 'Messreihe 1+2 — café.csv', expiresInS: 60 };

  it('takes a body of any kind from whoever holds it, and gives it back', async () => {
    const put = await opened.storage.presign({ ...access, method: 'PUT' });
    const body = Buffer.alloc(200_000, 'é');
    expect((await fetch(put, { method: 'PUT', body })).status).toBe(200);
    const get = await opened.storage.presign({ ...access, method: 'GET' });
    const part = await fetch(get, { headers: { range: 'bytes=2-5' } });
    expect([part.status, await part.text()]).toEqual([206, 'éé']);
    expect(part.headers.get('content-disposition')).toBe('attachment');
    expect(Buffer.from(await (await fetch(get)).arrayBuffer())).toEqual(body);
  });

  it('allows its own method, key and time alone', async () => {
    const get = await opened.storage.presign({ ...access, method: 'GET', expiresInS: 90 });
    expect(new URL(get).searchParams.get('X-Amz-Expires')).toBe('90');
    expect((await fetch(get, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(get.replace('1%2B2', '1%2B3'))).status).toBe(403);
  });
});

describe('the time of an object', () => {
  it('is the server’s, for leases are judged by it', async () => {
    const time = new Date('2031-02-03T04:05:06Z');
    const { storage, close } = await openS3(() => time);
    try {
      expect(await storage.put('dataset', 'lease', 'x')).toMatchObject({ serverTime: time.getTime() });
      expect(await storage.get('dataset', 'lease')).toMatchObject({
        serverTime: time.getTime(),
        lastModified: time.getTime(),
      });
    } finally {
      await close();
    }
  });
});

describe('an S3 that does not answer', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is a retryable error that names bucket and key', async () => {
    const client = new S3Client({
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: DEFAULT_CREDENTIALS,
    });
    const storage = createS3Storage(client);
    const error = {
      name: 'ServiceError',
      code: 'storage_unavailable',
      retryable: true,
      message: expect.stringContaining('dataset/a.csv'),
    };
    await expect(storage.get('dataset', 'a.csv')).rejects.toMatchObject(error);
    await expect(storage.head('dataset', 'a.csv')).rejects.toMatchObject(error);
    await expect(storage.put('dataset', 'a.csv', 'x', { ifNoneMatch: true })).rejects.toMatchObject(error);
    await expect(storage.delete('dataset', 'a.csv')).rejects.toMatchObject(error);
    await expect(storage.list('dataset', 'a.csv')[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      error,
    );
  });
});

describe('a bucket or credentials that are wrong', () => {
  it('are retryable errors: the operator mends them', async () => {
    const { server, storage, close } = await openS3();
    try {
      const passing = { code: 'storage_unavailable', retryable: true };
      await expect(storage.get('processed-data', 'a')).rejects.toMatchObject(passing);
      await expect(storage.put('processed-data', 'a', 'x')).rejects.toMatchObject(passing);
      const ifMatch = '"e"';
      await expect(storage.put('processed-data', 'a', 'x', { ifMatch })).rejects.toMatchObject(passing);
      const credentials = { ...DEFAULT_CREDENTIALS, secretAccessKey: 'another' };
      const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true, credentials });
      const stranger = createS3Storage(client);
      await expect(stranger.get('dataset', 'a')).rejects.toMatchObject(passing);
      await expect(stranger.head('dataset', 'a')).rejects.toMatchObject(passing);
    } finally {
      await close();
    }
  });

  it('are told from a request that S3 never grants', async () => {
    const { storage, close } = await openS3();
    try {
      const copied = storage
        .put('dataset', 'a', 'x')
        .then(() => storage.copy('dataset', 'a', 'x'.repeat(2000)));
      const final = { code: 'storage_refused', retryable: false };
      await expect(copied).rejects.toMatchObject(final);
      await expect(storage.get('elsewhere', 'a')).rejects.toMatchObject(final);
    } finally {
      await close();
    }
  });
});
