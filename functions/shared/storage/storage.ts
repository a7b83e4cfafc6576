import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { FltsError } from '../errors.ts';

export interface ObjectInfo {
  readonly key: string;
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** The server's clock when the object was written, epoch ms; S3 keeps whole seconds. */
  readonly lastModified: number;
}

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  /** The server's clock when it answered, epoch ms; leases are judged by it. */
  readonly serverTime: number;
  /** The server's clock when the object was written, epoch ms; S3 keeps whole seconds. */
  readonly lastModified: number;
  /** As it was stored; application/octet-stream where nothing was said. */
  readonly contentType: string;
}

export interface StoredJson<T> {
  readonly value: T;
  readonly etag: string;
  readonly lastModified: number;
  readonly serverTime: number;
}

export interface StoredStream {
  readonly stream: Readable;
  readonly etag: string;
  readonly size: number;
}

export interface PutOptions {
  readonly contentType?: string;
  /** Only where the key does not exist. */
  readonly ifNoneMatch?: true;
  /** Only where the object still has this ETag. */
  readonly ifMatch?: string;
}

/** What a URL allows whoever holds it, without credentials of their own. */
export interface Presigned {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  readonly key: string;
  /** Seconds. */
  readonly expiresInS: number;
}

/** `written: false` says that a rival was first (412, 409, or 404 on If-Match); nothing was changed. */
export type PutResult =
  | { readonly written: true; readonly etag: string; readonly serverTime: number }
  | { readonly written: false };

/**
 * The one door to S3. Every method may throw ServiceError storage_unavailable (retryable where it is known to be), and FltsError
 * storage_refused or object_key_invalid of a request that can never be granted.
 * ETags carry their quotes, as S3 sends them.
 */
export interface Storage {
  /** undefined where the key does not exist. */
  get(bucket: string, key: string): Promise<StoredObject | undefined>;
  /** @throws FltsError message_invalid where the object is not JSON of `schema` */
  getJson<Schema extends z.ZodType>(
    bucket: string,
    key: string,
    schema: Schema,
  ): Promise<StoredJson<z.infer<Schema>> | undefined>;
  getStream(bucket: string, key: string): Promise<StoredStream | undefined>;
  head(bucket: string, key: string): Promise<ObjectInfo | undefined>;
  put(bucket: string, key: string, body: Uint8Array | string, options?: PutOptions): Promise<PutResult>;
  putJson(bucket: string, key: string, value: unknown, options?: PutOptions): Promise<PutResult>;
  /** Bytes of any number (multipart); never conditional. Each chunk is copied before the next is asked for. */
  putStream(
    bucket: string,
    key: string,
    body: AsyncIterable<Uint8Array>,
    contentType?: string,
  ): Promise<{ etag: string }>;
  /**
   * A copy within a bucket, with its type, made by the server; at most 5 GiB.
   * @throws FltsError object_not_found (retryable) where there is nothing at `from`
   */
  copy(bucket: string, from: string, to: string): Promise<void>;
  /** In key order. */
  list(bucket: string, prefix: string): AsyncIterable<ObjectInfo>;
  delete(bucket: string, key: string): Promise<void>;
  /** A URL for bodies that the HTTP layer cannot carry. Whether the object exists is not looked at. */
  presign(access: Presigned): Promise<string>;
}

/** What copy() throws where its source is not there. */
export function nothingToCopy(bucket: string, key: string): FltsError {
  return new FltsError('object_not_found', `expected an object at ${bucket}/${key}, got none`, {
    retryable: true,
  });
}

/** Bytes of UTF-8; where S3's keys end. */
export const KEY_LIMIT = 1024;

/** @throws FltsError object_key_invalid for a key that no object can have */
export function requireKey(bucket: string, key: string): void {
  const utf8 = Buffer.from(key);
  const bytes = utf8.length;
  if (bytes > 0 && bytes <= KEY_LIMIT && utf8.toString() === key) return;
  const got = bytes > KEY_LIMIT ? `${bytes} bytes` : bytes === 0 ? 'none' : 'half of a letter';
  throw new FltsError(
    'object_key_invalid',
    `expected a key of 1 to ${KEY_LIMIT} bytes of UTF-8 in ${bucket}, got ${got}: ${JSON.stringify(key.slice(0, 80))}`,
    { status: 400 },
  );
}
