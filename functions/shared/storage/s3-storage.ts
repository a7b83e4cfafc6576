import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { FltsError, ServiceError } from '../errors.ts';
import {
  nothingToCopy,
  requireKey,
  type ObjectInfo,
  type Presigned,
  type PutOptions,
  type PutResult,
  type Storage,
  type StoredJson,
  type StoredObject,
  type StoredStream,
} from './storage.ts';
import { isBucketMissing, statusOf, storageError } from './s3-errors.ts';
import { uploadStream } from './upload-stream.ts';

/** The S3 client of the application; endpoint, region and credentials come the SDK's own way. */
export function createS3Client(): S3Client {
  const client = new S3Client({ forcePathStyle: true, maxAttempts: 4 });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const headers =
        isRecord(result.response) && isRecord(result.response['headers']) ? result.response['headers'] : {};
      const date = Date.parse(typeof headers['date'] === 'string' ? headers['date'] : '');
      if (result.output !== undefined)
        Object.assign(result.output.$metadata, { serverTime: Number.isNaN(date) ? Date.now() : date });
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'serverTime' },
  );
  return client;
}

/**
 * The client that signs URLs: it asks for no checksum, since that of a body yet to come would be that of none.
 * It only signs; nothing is sent through it.
 */
export function createPresigningS3Client(): S3Client {
  return new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
}

export function createS3Storage(client: S3Client, presigningClient: S3Client = client): Storage {
  return {
    get: (bucket, key) => readWhole(client, bucket, key),
    getJson: (bucket, key, schema) => readJson(client, { bucket, key, schema }),
    getStream: (bucket, key) => openStream(client, bucket, key),
    head: (bucket, key) => readInfo(client, bucket, key),
    put: (bucket, key, body, options = {}) => write(client, { bucket, key, body, options }),
    putJson: (bucket, key, value, options = {}) =>
      write(client, {
        bucket,
        key,
        body: JSON.stringify(value),
        options: { contentType: 'application/json', ...options },
      }),
    putStream: (bucket, key, body, contentType) => writeStream(client, { bucket, key, body, contentType }),
    copy: (bucket, from, to) => copyWithin(client, { bucket, from, to }),
    list: (bucket, prefix) => listAll(client, bucket, prefix),
    delete: async (bucket, key) => {
      requireKey(bucket, key);
      await guarded(bucket, key, () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },
    presign: (access) => presign(presigningClient, access),
  };
}

async function readWhole(client: S3Client, bucket: string, key: string): Promise<StoredObject | undefined> {
  return missingAsUndefined(bucket, key, async () => {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return {
      body,
      etag: answer.ETag ?? '',
      serverTime: serverTimeOf(answer.$metadata),
      lastModified: answer.LastModified?.getTime() ?? 0,
      contentType: answer.ContentType ?? 'application/octet-stream',
    };
  });
}

async function readJson<Schema extends z.ZodType>(
  client: S3Client,
  { bucket, key, schema }: { bucket: string; key: string; schema: Schema },
): Promise<StoredJson<z.infer<Schema>> | undefined> {
  const stored = await readWhole(client, bucket, key);
  if (stored === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(stored.body));
  if (parsed.success) {
    const { etag, serverTime, lastModified } = stored;
    return { value: parsed.data, etag, serverTime, lastModified };
  }
  const issue = parsed.error.issues[0];
  throw new FltsError(
    'message_invalid',
    `expected the shape of ${key.split('/').at(-1)} at ${bucket}/${key}, got: ${issue?.path.join('.')} ${issue?.message}`,
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function openStream(client: S3Client, bucket: string, key: string): Promise<StoredStream | undefined> {
  return missingAsUndefined(bucket, key, async () => {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!isReadable(answer.Body))
      throw new ServiceError('storage_unavailable', `expected a body from ${bucket}/${key}, got none`);
    return { stream: answer.Body, etag: answer.ETag ?? '', size: answer.ContentLength ?? 0 };
  });
}

async function readInfo(client: S3Client, bucket: string, key: string): Promise<ObjectInfo | undefined> {
  return missingAsUndefined(bucket, key, async () => {
    const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    const lastModified = answer.LastModified?.getTime() ?? 0;
    return { key, etag: answer.ETag ?? '', size: answer.ContentLength ?? 0, lastModified };
  });
}

async function presign(client: S3Client, { method, bucket, key, expiresInS }: Presigned): Promise<string> {
  const object = { Bucket: bucket, Key: key };
  // A browser keeps what the URL gives it, and shows no page of the store's.
  const kept = { ...object, ResponseContentDisposition: 'attachment' };
  const command = method === 'GET' ? new GetObjectCommand(kept) : new PutObjectCommand(object);
  return guarded(bucket, key, () => getSignedUrl(client, command, { expiresIn: expiresInS }));
}

interface Write {
  bucket: string;
  key: string;
  body: Uint8Array | string;
  options: PutOptions;
}

async function write(client: S3Client, { bucket, key, body, options }: Write): Promise<PutResult> {
  requireKey(bucket, key);
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    // Of bytes the SDK knows the length, of an empty string it does not.
    Body: typeof body === 'string' ? Buffer.from(body) : body,
    ContentType: options.contentType ?? 'application/octet-stream',
    ...(options.ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    ...(options.ifMatch === undefined ? {} : { IfMatch: options.ifMatch }),
  });
  try {
    const answer = await client.send(command);
    return { written: true, etag: answer.ETag ?? '', serverTime: serverTimeOf(answer.$metadata) };
  } catch (cause) {
    const conditional = options.ifNoneMatch === true || options.ifMatch !== undefined;
    const lost =
      [409, 412].includes(statusOf(cause)) || (statusOf(cause) === 404 && options.ifMatch !== undefined);
    if (conditional && lost && !isBucketMissing(cause)) return { written: false };
    throw storageError(bucket, key, cause);
  }
}

interface StreamWrite {
  bucket: string;
  key: string;
  body: AsyncIterable<Uint8Array>;
  contentType: string | undefined;
}

async function writeStream(
  client: S3Client,
  { bucket, key, body, contentType }: StreamWrite,
): Promise<{ etag: string }> {
  requireKey(bucket, key);
  const target = { Bucket: bucket, Key: key, ContentType: contentType ?? 'application/octet-stream' };
  return guarded(bucket, key, () => uploadStream(client, target, body));
}

async function copyWithin(
  client: S3Client,
  { bucket, from, to }: { bucket: string; from: string; to: string },
): Promise<void> {
  const source = [bucket, ...from.split('/')].map(encodeURIComponent).join('/');
  const command = new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: source });
  const copied = await missingAsUndefined(bucket, from, () => client.send(command));
  if (copied === undefined) throw nothingToCopy(bucket, from);
}

async function* listAll(client: S3Client, bucket: string, prefix: string): AsyncIterable<ObjectInfo> {
  let token: string | undefined;
  do {
    const page = await guarded(bucket, prefix, () =>
      client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })),
    );
    for (const entry of page.Contents ?? []) {
      if (entry.Key === undefined) continue;
      const lastModified = entry.LastModified?.getTime() ?? 0;
      yield { key: entry.Key, etag: entry.ETag ?? '', size: entry.Size ?? 0, lastModified };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function missingAsUndefined<T>(
  bucket: string,
  key: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  requireKey(bucket, key);
  try {
    return await read();
  } catch (cause) {
    if (statusOf(cause) === 404 && !isBucketMissing(cause)) return undefined;
    throw storageError(bucket, key, cause);
  }
}

async function guarded<T>(bucket: string, key: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw storageError(bucket, key, cause);
  }
}

function serverTimeOf(metadata: object): number {
  return 'serverTime' in metadata && typeof metadata.serverTime === 'number'
    ? metadata.serverTime
    : Date.now();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isReadable(value: unknown): value is Readable {
  return isRecord(value) && typeof value['pipe'] === 'function';
}
