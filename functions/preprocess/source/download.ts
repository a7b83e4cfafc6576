import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataError, ServiceError } from '../../shared/errors.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { gunzipped } from './gunzip.ts';
import { createTextCheck } from '../csv/text-check.ts';

/** Bytes. The temporary files of larger ones take more than 12 GB. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
/** Bytes that any packed upload may unpack to; larger ones to as many times their own size. */
const MAX_UNPACKED_BYTES = 128 * 1024 ** 2;
const MAX_UNPACKED_TIMES = 64;
const CARRIAGE_RETURN = 13;

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

export interface Download extends ObjectPlace {
  /** Local file: the same text, line ends `\n`. */
  readonly file: string;
  readonly etag: string;
  readonly size: number;
  /** Of the bytes as they were read. */
  readonly sha256: string;
}

/**
 * Streams a CSV object, packed by gzip or not, into `file` while hashing the bytes that are really read.
 * @throws DataError object_not_found, object_too_large, file_unreadable, file_not_text with the offset; ServiceError storage_unavailable
 */
export async function download(storage: Storage, place: ObjectPlace, file: string): Promise<Download> {
  const { bucket, key } = place;
  const stored = await storage.getStream(bucket, key);
  if (stored === undefined)
    throw new DataError('object_not_found', `expected an object at ${bucket}/${key}, got none`);
  if (stored.size > MAX_UPLOAD_BYTES) {
    stored.stream.destroy();
    throw new DataError(
      'object_too_large',
      `expected at most ${MAX_UPLOAD_BYTES} bytes at ${bucket}/${key}, got ${stored.size}`,
    );
  }
  const hash = createHash('sha256');
  let size = 0;
  const count = (chunk: Uint8Array): void => {
    hash.update(chunk);
    size += chunk.length;
  };
  const text = gunzipped(counted(stored.stream, count), {
    place: `${bucket}/${key}`,
    most: mostUnpacked(stored.size),
  });
  await pipeline(normalised(text, `${bucket}/${key}`), createWriteStream(file));
  if (size !== stored.size)
    throw new ServiceError(
      'storage_unavailable',
      `expected ${stored.size} bytes from ${bucket}/${key}, got ${size}`,
    );
  return { bucket, key, file, etag: stored.etag, size, sha256: hash.digest('hex') };
}

/** Rows of numbers pack to a tenth, a bomb to a thousandth. */
function mostUnpacked(size: number): number {
  return Math.min(MAX_UPLOAD_BYTES, Math.max(MAX_UNPACKED_BYTES, MAX_UNPACKED_TIMES * size));
}

/** The stream's bytes; `onBytes` sees each chunk as it came. */
async function* counted(stream: Readable, onBytes: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream as AsyncIterable<unknown>) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected bytes from the storage, got text');
    onBytes(chunk);
    yield chunk;
  }
}

/** Text with `\r\n` and `\r` as `\n`. */
async function* normalised(chunks: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  const check = createTextCheck(place);
  let heldBack = false;
  for await (const chunk of chunks) {
    check.push(chunk);
    if (!heldBack && !chunk.includes(CARRIAGE_RETURN)) {
      yield chunk;
      continue;
    }
    // A carriage return at a chunk's end may belong to a line feed at the next one's beginning.
    const text: string = (heldBack ? '\r' : '') + Buffer.from(chunk).toString('latin1');
    heldBack = text.endsWith('\r');
    const whole = heldBack ? text.slice(0, -1) : text;
    yield Buffer.from(whole.replaceAll(/\r\n?/gu, '\n'), 'latin1');
  }
  check.end();
  if (heldBack) yield Buffer.from('\n');
}
