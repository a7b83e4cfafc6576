import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DataError, ServiceError } from '../../shared/errors.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { createTextCheck } from '../csv/text-check.ts';
import { formatOfKey } from './format.ts';
import { MAX_UPLOAD_BYTES, mostUnpacked } from './limits.ts';
import { unpacked } from './unpack.ts';
import { writeChunks } from './write-chunks.ts';

const CARRIAGE_RETURN = 13;

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

export interface Download extends ObjectPlace {
  /** Local file: the same bytes or, of text, the same text, unpacked, line ends `\n`. */
  readonly file: string;
  readonly etag: string;
  readonly size: number;
  /** Of the bytes as they were read. */
  readonly sha256: string;
}

/**
 * Streams an uploaded object, text packed by gzip or zstd or not, into `file` while hashing the bytes that are really read.
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
  const bytes = counted(stored.stream, count);
  const isText = formatOfKey(key) !== 'parquet';
  try {
    await writeChunks(file, isText ? textOf(bytes, `${bucket}/${key}`, mostUnpacked(stored.size)) : bytes);
  } finally {
    stored.stream.destroy();
  }
  if (size !== stored.size)
    throw new ServiceError(
      'storage_unavailable',
      `expected ${stored.size} bytes from ${bucket}/${key}, got ${size}`,
    );
  return { bucket, key, file, etag: stored.etag, size, sha256: hash.digest('hex') };
}

/** The stream's bytes; `onBytes` sees each chunk as it came. */
async function* counted(stream: Readable, onBytes: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream as AsyncIterable<unknown>) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected bytes from the storage, got text');
    onBytes(chunk);
    yield chunk;
  }
}

function textOf(bytes: AsyncIterable<Uint8Array>, place: string, most: number): AsyncIterable<Uint8Array> {
  return normalised(unpacked(bytes, { place, most }), place);
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
